"""What the examination of a profile finds about its permissions."""

import pytest

from console.domain.permissions import Permission, check_permissions

ALL = frozenset(permission.value for permission in Permission)


@pytest.mark.parametrize(
    ("granted", "makes_customers", "expected"),
    [
        (ALL, True, []),
        (ALL - {"relaties:write"}, True, [("permission_missing", True)]),
        (ALL - {"relaties:write"}, False, [("permission_missing", False)]),
        (ALL - {"orders:read"}, False, [("permission_missing", True)]),
        (frozenset(), True, [("permissions_unknown", False)]),
    ],
)
def test_permissions(
    granted: frozenset[str], makes_customers: bool, expected: list[tuple[str, bool]]
) -> None:
    findings = check_permissions(granted, makes_customers=makes_customers)
    told = [(finding.text_key.removeprefix("command."), finding.is_refusal) for finding in findings]
    assert told == expected
