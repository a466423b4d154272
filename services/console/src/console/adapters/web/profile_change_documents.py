"""Changes of profiles, their history and their files, as JSON."""

from datetime import datetime

from console.adapters.web.document import Document
from console.adapters.web.profile_documents import FindingDocument
from console.handlers.connections import ConnectionReport
from console.handlers.profile_history import HistoryEntry, HistoryPage


class FieldChangeDocument(Document):
    """`before` and `after` as a profile's file writes them; both null for a key, which is never shown."""

    field: str
    before: str | None
    after: str | None


class VersionDocument(Document):
    """`changes` is empty for the first version that is known, and for one that changed nothing."""

    version: int
    saved_at: datetime
    saved_by: str
    administration: str
    changes: tuple[FieldChangeDocument, ...]

    @classmethod
    def of(cls, entry: HistoryEntry) -> "VersionDocument":
        version = entry.version
        return cls(
            version=version.version,
            saved_at=version.saved_at,
            saved_by=version.saved_by,
            administration=version.administration_name,
            changes=tuple(
                FieldChangeDocument(field=change.field, before=change.before, after=change.after)
                for change in entry.changes
            ),
        )


class HistoryDocument(Document):
    """The newest first. `older` is what to ask for the next page with (`?before=`); null on the last one."""

    name: str
    version: int
    versions: tuple[VersionDocument, ...]
    older: int | None

    @classmethod
    def of(cls, page: HistoryPage) -> "HistoryDocument":
        return cls(
            name=page.name,
            version=page.present,
            versions=tuple(VersionDocument.of(entry) for entry in page.entries),
            older=page.older,
        )


class ProfileFileDocument(Document):
    """A profile as the YAML file that `profile apply` takes, without its keys."""

    name: str
    yaml: str


class ShopStatusDocument(Document):
    id: int
    name: str


class ConnectionDocument(Document):
    """Whether one side of a profile can be reached with its keys, and what it shows."""

    works: bool
    administration: str | None
    statuses: tuple[ShopStatusDocument, ...]
    findings: tuple[FindingDocument, ...]

    @classmethod
    def of(cls, report: ConnectionReport, language: str) -> "ConnectionDocument":
        return cls(
            works=report.works,
            administration=report.administration,
            statuses=tuple(ShopStatusDocument(id=each.id, name=each.name) for each in report.statuses),
            findings=tuple(FindingDocument.of(finding, language) for finding in report.findings),
        )
