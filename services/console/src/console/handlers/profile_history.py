"""What a profile was before: who changed what and when, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.domain.profile_settings import FieldChange, differences, keys_changed
from console.domain.refusals import NotKnown
from console.handlers.profiles import AppliedProfile, ProfileDesk
from console.ports import ProfilePast
from sconnect.profiles import ProfileVersion

VERSIONS_PER_PAGE = 25


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryEntry:
    """A version with what it changed; `is_first` when nothing older is known."""

    version: ProfileVersion
    changes: tuple[FieldChange, ...]
    is_first: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryPage:
    """The newest first; `older` is what to ask for the next page with, None on the last one."""

    name: str
    present: int
    entries: tuple[HistoryEntry, ...]
    older: int | None


class ProfileHistoryDesk:
    """Going back is a change like any other: the earlier settings pass the same checks and are a new version.

    Keys never come back: only their change was written down.
    """

    def __init__(self, *, profiles: ProfileDesk, past: ProfilePast) -> None:
        self._profiles = profiles
        self._past = past

    async def page(self, name: str, *, before: int | None = None) -> HistoryPage:
        """NotKnown when there is no such profile."""
        stored = await self._profiles.profile(name)
        found = await self._past.versions(name, before=before, at_most=VERSIONS_PER_PAGE + 1)
        earlier = (*found[1:], None)
        entries = tuple(_entry(version, old) for version, old in zip(found, earlier, strict=True))
        shown = entries[:VERSIONS_PER_PAGE]
        older = shown[-1].version.version if len(entries) > len(shown) else None
        return HistoryPage(name=name, present=stored.version, entries=shown, older=older)

    async def undo(
        self, name: str, version: int, *, by: str, over_version: int | None = None
    ) -> AppliedProfile:
        """Save the settings of that version again. NotKnown: no such version. Otherwise as `change`."""
        await self._profiles.profile(name)
        wanted = await self._past.version(name, version)
        if wanted is None:
            raise NotKnown("profile_version_unknown", name=name, version=str(version))
        return await self._profiles.replace(name, wanted.document, by=by, over_version=over_version)


def _entry(version: ProfileVersion, earlier: ProfileVersion | None) -> HistoryEntry:
    if earlier is None:
        return HistoryEntry(version=version, changes=(), is_first=True)
    changes = differences(_settings(earlier), _settings(version))
    return HistoryEntry(
        version=version, changes=(*keys_changed(version.changed_keys), *changes), is_first=False
    )


def _settings(version: ProfileVersion) -> Mapping[str, Any]:
    """The name of the administration too: another key may open another one."""
    return {**version.document, "administration": version.administration_name}
