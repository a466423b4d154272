"""The state of the product as JSON."""

from collections.abc import Mapping
from datetime import datetime

from console.adapters.web.document import Document
from console.adapters.web.profile_documents import FindingDocument
from console.adapters.web.sentences import reason_sentence
from console.domain.standing import OrderStatus
from console.handlers.status import ProductStatus, ProfileStatus
from console.ports import ServiceHealth


class ServiceDocument(Document):
    name: str
    ready: bool
    problems: tuple[str, ...]

    @classmethod
    def of(cls, health: ServiceHealth) -> "ServiceDocument":
        return cls(name=health.name, ready=health.ready, problems=health.trouble)


class PauseDocument(Document):
    service: str
    reason_code: str
    reason: str | None
    since: datetime


class ProfileStatusDocument(Document):
    """`orders` counts the profile's orders by status; `ledgers` is what makes some of them wait."""

    name: str
    enabled: bool
    interval: str
    last_run_at: datetime | None
    last_run_failure: str | None
    next_run_at: datetime | None
    next_order_number: int | None
    missing_numbers: tuple[int, ...]
    paused: tuple[PauseDocument, ...]
    ledgers: tuple[FindingDocument, ...]
    orders: Mapping[OrderStatus, int]

    @classmethod
    def of(cls, status: ProfileStatus, language: str) -> "ProfileStatusDocument":
        run = status.last_run
        return cls(
            name=status.name,
            enabled=status.enabled,
            interval=status.interval,
            last_run_at=run.finished_at if run else None,
            last_run_failure=reason_sentence(run.failure, language) if run else None,
            next_run_at=status.next_run_at,
            next_order_number=run.next_order_number if run else None,
            missing_numbers=run.missing_numbers if run else (),
            paused=tuple(
                PauseDocument(
                    service=pause.stage,
                    reason_code=pause.reason.code,
                    reason=reason_sentence(pause.reason, language),
                    since=pause.since,
                )
                for pause in status.pauses
            ),
            ledgers=tuple(FindingDocument.of(finding, language) for finding in status.ledgers),
            orders={known: status.orders.get(known, 0) for known in OrderStatus},
        )


class StatusDocument(Document):
    ready: bool
    services: tuple[ServiceDocument, ...]
    profiles: tuple[ProfileStatusDocument, ...]

    @classmethod
    def of(cls, status: ProductStatus, language: str) -> "StatusDocument":
        return cls(
            ready=status.ready,
            services=tuple(ServiceDocument.of(service) for service in status.services),
            profiles=tuple(ProfileStatusDocument.of(profile, language) for profile in status.profiles),
        )
