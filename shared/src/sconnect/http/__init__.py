"""Calls to the vendors over HTTP: every time-out and limit stated, every failure one of our errors."""

from sconnect.http.client import HttpLimits, create_http_client
from sconnect.http.sending import RESPONSE_BYTES_MAX, send

__all__ = ["RESPONSE_BYTES_MAX", "HttpLimits", "create_http_client", "send"]
