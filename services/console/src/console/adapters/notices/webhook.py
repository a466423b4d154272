"""Digests as a signed POST, in the form of Standard Webhooks (https://www.standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

import httpx
from pydantic import SecretStr

from console.adapters.notices.wording import Wording
from console.domain.notices import Digest
from console.notice_ports import NotDelivered
from sconnect.clock import Clock
from sconnect.errors import MisconfiguredError, TransientError
from sconnect.http import send

TYPE: Final = "sconnect.digest.v1"
SECRET_PREFIX = "whsec_"  # noqa: S105 - says that what follows is Base64
TOTAL_TIMEOUT_SECONDS = 20.0
ANSWER_BYTES_MAX = 64 * 1024


class WebhookChannel:
    """NoticeChannel of console.notice_ports. `client` decides which addresses may be reached."""

    name = "webhook"

    def __init__(
        self, client: httpx.AsyncClient, url: SecretStr, key: bytes, *, wording: Wording, clock: Clock
    ) -> None:
        self._client = client
        self._url = url
        self._key = key
        self._wording = wording
        self._clock = clock

    @property
    def where(self) -> Mapping[str, str]:
        # The host alone: the address of a webhook is often a secret itself.
        return {"host": self._host}

    async def deliver(self, digest: Digest) -> None:
        body = json.dumps(self._document(digest), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **self._signature(digest.id, body)}
        request = self._client.build_request(
            "POST", self._url.get_secret_value(), content=body, headers=headers
        )
        try:
            answer = await send(
                self._client,
                request,
                vendor="webhook",
                total_timeout_seconds=TOTAL_TIMEOUT_SECONDS,
                is_write=False,
                response_bytes_max=ANSWER_BYTES_MAX,
            )
        except TransientError as error:
            details = {"host": self._host, "status": error.reason.details.get("status", "429")}
            key = f"webhook.{error.reason.variant}"
            raise NotDelivered(key, details, retry_after_seconds=error.retry_after_seconds) from None
        except MisconfiguredError as error:
            raise NotDelivered(f"webhook.{error.reason.variant}", {"host": self._host}) from None
        if not answer.is_success:
            raise NotDelivered("webhook.refused", {"host": self._host, "status": str(answer.status_code)})

    @property
    def _host(self) -> str:
        return httpx.URL(self._url.get_secret_value()).host

    def _signature(self, identity: str, body: bytes) -> dict[str, str]:
        moment = str(int(self._clock.now().timestamp()))
        signed = b".".join((identity.encode(), moment.encode(), body))
        digest = base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()
        return {"webhook-id": identity, "webhook-timestamp": moment, "webhook-signature": f"v1,{digest}"}

    def _document(self, digest: Digest) -> dict[str, Any]:
        wording = self._wording
        return {
            "type": TYPE,
            "id": digest.id,
            "at": digest.at.isoformat(),
            "test": digest.is_test,
            "title": wording.title(digest),
            "text": wording.text(digest),
            "needs_a_person": digest.letters_open,
            "stopped": wording.stopped(digest),
            "new": [
                {
                    "profile": group.profile,
                    "reason_code": group.reason_code,
                    "reason": group.name,
                    "count": group.count,
                    "orders": [{"number": number, "reason": sentence} for number, sentence in group.lines],
                }
                for group in wording.groups(digest)
            ],
            "console": wording.link,
        }


def signing_key(secret: SecretStr) -> bytes:
    """The key in a secret: Base64 after `whsec_`, else its letters; ValueError for Base64 that is none."""
    text = secret.get_secret_value()
    if not text.startswith(SECRET_PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("what follows whsec_ is no Base64") from None
