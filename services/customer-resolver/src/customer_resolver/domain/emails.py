"""E-mail addresses as they are compared."""

import re

EMAIL_LENGTH_MAX = 250  # SnelStart REL-0061 and REL-0068: an e-mail field holds 250 characters at most

# Deliberately loose: it only keeps out what can be no single address, SnelStart judges the rest.
_CHARACTER = r"[^\s@;,<>()\"\\\x00-\x1f\ud800-\udfff]"
_ADDRESS = re.compile(rf"{_CHARACTER}+@{_CHARACTER}+\.{_CHARACTER}{{2,}}")


def normalised_email(text: str | None) -> str | None:
    """Trimmed and in lower case; None for what is no e-mail address."""
    email = (text or "").strip().lower()
    return email if len(email) <= EMAIL_LENGTH_MAX and _ADDRESS.fullmatch(email) else None


def split_emails(text: str | None) -> tuple[str, ...]:
    """The addresses in a relation's field, where `;` stands between several."""
    parts = (normalised_email(part) for part in (text or "").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part is not None))
