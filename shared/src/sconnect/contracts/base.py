"""The envelope around every message."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """A frozen piece of a message; unknown fields are ignored so that senders may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Mode(StrEnum):
    LIVE = "live"
    PREVIEW = "preview"


class OrderKey(Wire):
    """Which order, and which state of it: of two messages the higher (revision, replay) wins."""

    uuid: str
    number: str
    revision: int = 1


class Amendment(Wire):
    """A decision of a person that a replay carries; a service stores it before it acts on it."""

    kind: Literal["use_customer", "create_customer", "use_ledger"]
    value: str | None = None
    decided_by: str
    at: datetime
    replay: int


class Envelope(Wire):
    """What every message says about itself.

    `id` is deterministic, so that a repeat is recognised; `correlation_id` follows one order through
    every log line; `replay` counts the times a person sent the order on again.
    """

    id: str
    type: str
    occurred_at: datetime
    correlation_id: str
    profile: str
    mode: Mode = Mode.LIVE
    replay: int = 0
    amendment: Amendment | None = None


class Message(Envelope):
    """Base of all contracts; each names its wire type, which is also its routing key."""

    TYPE: ClassVar[str]
