"""The ways to reach people outside the console: e-mail and a webhook."""

from console.adapters.notices.channels import open_channels
from console.adapters.notices.mail import MailChannel, MailServer
from console.adapters.notices.webhook import WebhookChannel, signing_key
from console.adapters.notices.wording import Wording

__all__ = ["MailChannel", "MailServer", "WebhookChannel", "Wording", "open_channels", "signing_key"]
