"""The administration behind a profile, once it is certain that it is still the same one."""

from dataclasses import dataclass

from customer_resolver.ports import CustomerDirectory, Directories
from sconnect.errors import MisconfiguredError, Reason, ReasonCode
from sconnect.profiles import StoredProfile


@dataclass(frozen=True, kw_only=True, slots=True)
class Administration:
    """`id` is what the mirror and the claims are kept under."""

    id: str
    directory: CustomerDirectory


class Administrations:
    """Opens administrations; asks each which one it is, once per version of the profile.

    A koppelsleutel of another administration would link orders to relations that happen to have the same
    numbers there.
    """

    def __init__(self, directories: Directories) -> None:
        self._directories = directories
        self._verified: dict[str, int] = {}

    async def open(self, stored: StoredProfile) -> Administration:
        """MisconfiguredError when the profile's key opens another administration than it was saved with."""
        directory = self._directories(stored)
        name = stored.profile.name
        if self._verified.get(name) != stored.version:
            found = await directory.administration_id()
            if found != stored.administration_id:
                details = {"administration": stored.administration_name}
                raise MisconfiguredError(
                    Reason(code=ReasonCode.PROFILE_PAUSED, variant="other_administration", details=details)
                )
            self._verified[name] = stored.version
        return Administration(id=stored.administration_id, directory=directory)
