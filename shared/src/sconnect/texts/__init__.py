"""Every sentence that a user reads, in Dutch and in English, kept in `nl.toml` and `en.toml`."""

from sconnect.texts.rendering import LANGUAGES, reason_text, render

__all__ = ["LANGUAGES", "reason_text", "render"]
