"""Profiles, and what their examination found, as JSON."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from console.adapters.web.document import Document
from console.adapters.web.sentences import finding_sentence
from console.domain.findings import Finding
from sconnect.profiles import StoredProfile


class FindingDocument(Document):
    """With `stops_orders` the orders that need what is wrong wait for a person; all others are booked."""

    field: str
    text: str
    stops_orders: bool = False

    @classmethod
    def of(cls, finding: Finding, language: str) -> "FindingDocument":
        text = finding_sentence(finding, language)
        return cls(field=finding.field, text=text, stops_orders=finding.stops_orders)


class ExaminationDocument(Document):
    """`ok` is false when there is a refusal: the profile could not be saved like this."""

    ok: bool
    refusals: tuple[FindingDocument, ...]
    warnings: tuple[FindingDocument, ...]

    @classmethod
    def of(cls, findings: Sequence[Finding], language: str) -> "ExaminationDocument":
        refusals = [finding for finding in findings if finding.is_refusal]
        warnings = [finding for finding in findings if not finding.is_refusal]
        return cls(
            ok=not refusals,
            refusals=tuple(FindingDocument.of(finding, language) for finding in refusals),
            warnings=tuple(FindingDocument.of(finding, language) for finding in warnings),
        )


class ProfileDocument(Document):
    name: str
    enabled: bool
    interval: str
    administration: str
    version: int
    saved_at: datetime

    @classmethod
    def of(cls, stored: StoredProfile) -> "ProfileDocument":
        return cls(**_profile_fields(stored))


class ProfileDetailDocument(ProfileDocument):
    """`settings` are those of the profile's file, the keys masked."""

    settings: Mapping[str, Any]

    @classmethod
    def of(cls, stored: StoredProfile) -> "ProfileDetailDocument":
        settings = stored.profile.model_dump(mode="json", by_alias=True)
        return cls(**_profile_fields(stored), settings=settings)


class AppliedProfileDocument(ProfileDocument):
    warnings: tuple[FindingDocument, ...]

    @classmethod
    def of_applied(
        cls, stored: StoredProfile, warnings: Sequence[Finding], language: str
    ) -> "AppliedProfileDocument":
        told = tuple(FindingDocument.of(finding, language) for finding in warnings)
        return cls(**_profile_fields(stored), warnings=told)


def _profile_fields(stored: StoredProfile) -> dict[str, Any]:
    return {
        "name": stored.profile.name,
        "enabled": stored.profile.enabled,
        "interval": stored.profile.planning.interval,
        "administration": stored.administration_name,
        "version": stored.version,
        "saved_at": stored.saved_at,
    }
