"""Every sentence that a user reads, in Dutch and in English, kept in `nl.toml` and `en.toml`."""

from sconnect.texts.rendering import LANGUAGES, explanation_text, reason_text, render

__all__ = ["LANGUAGES", "explanation_text", "reason_text", "render"]
