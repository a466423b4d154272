"""Every shape of a refusal that SnelStart is known to answer, as one kind of error."""

import json
from typing import Any

import httpx
import pytest

from sconnect.errors import MisconfiguredError, RateLimited, ReasonCode, RejectedError
from sconnect.snelstart.errors import (
    MESSAGE_LENGTH_MAX,
    SnelstartNotFound,
    SnelstartRefused,
    VendorProblem,
    read_problems,
    refusal,
)


def answer(status: int, content: Any = None, text: str = "") -> httpx.Response:
    return httpx.Response(status, text=text if content is None else json.dumps(content))


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param(
            '[{"errorCode":"BOE-0021","message":"Het factuurnummer bestaat al","details":null}]',
            [VendorProblem("BOE-0021", "Het factuurnummer bestaat al")],
            id="business rule",
        ),
        pytest.param(
            '[{"errorCode":"BOE-0037","message":"Niet gevonden","details":"8100"},'
            '{"errorCode":"BOE-0039","message":"Niet in balans","details":""}]',
            [VendorProblem("BOE-0037", "Niet gevonden", "8100"), VendorProblem("BOE-0039", "Niet in balans")],
            id="several at once",
        ),
        pytest.param(
            '{"message":"The request is invalid.",'
            '"modelState":{"relatie.naam":["Too long.","Odd."],"x":"REL-0007 y"}}',
            [
                VendorProblem(None, "Too long.", "relatie.naam"),
                VendorProblem(None, "Odd.", "relatie.naam"),
                VendorProblem("REL-0007", "REL-0007 y", "x"),
            ],
            id="model state",
        ),
        pytest.param(
            '[{"message":"Invalid.","modelState":{"naam":[""]}}]',
            [VendorProblem(None, "Invalid.", "naam")],
            id="model state in a list",
        ),
        pytest.param(
            '{"Message":"Could not find a property named \'naam\'."}',
            [VendorProblem(None, "Could not find a property named 'naam'.")],
            id="OData property",
        ),
        pytest.param('{"error":"invalid"}', [VendorProblem(None, "invalid")], id="error"),
        pytest.param(
            '{"statusCode":404,"message":"Resource not found"}',
            [VendorProblem(None, "Resource not found")],
            id="gateway",
        ),
        pytest.param('"ALG-0104 filter"', [VendorProblem("ALG-0104", "ALG-0104 filter")], id="bare string"),
        pytest.param(
            "<html>BOE-0042\n  geblokkeerd</html>",
            [VendorProblem("BOE-0042", "<html>BOE-0042 geblokkeerd</html>")],
            id="text",
        ),
        pytest.param('{"errorCode":"ART-0003"}', [VendorProblem("ART-0003", "ART-0003")], id="code alone"),
        pytest.param("", [VendorProblem(None, "HTTP 400")], id="empty"),
        pytest.param("[]", [VendorProblem(None, "HTTP 400")], id="empty list"),
        pytest.param("[[[[]]]]", [VendorProblem(None, "HTTP 400")], id="lists in lists"),
        pytest.param("null", [VendorProblem(None, "HTTP 400")], id="null"),
        pytest.param("[17]", [VendorProblem(None, "HTTP 400")], id="number"),
        pytest.param('{"modelState":{}}', [VendorProblem(None, "HTTP 400")], id="empty model state"),
    ],
)
def test_shapes(body: str, problems: list[VendorProblem]) -> None:
    assert list(read_problems(body, 400)) == problems


def test_a_body_of_any_depth_and_length_is_read() -> None:
    assert read_problems("[" * 100_000, 400)
    assert len(read_problems("x" * 10_000, 400)[0].message) == MESSAGE_LENGTH_MAX


def test_a_refusal_names_its_codes_and_is_a_reason_of_its_own() -> None:
    error = refusal(answer(400, [{"errorCode": "BOE-0023", "message": "Geen regels", "details": "x"}]))

    assert isinstance(error, SnelstartRefused)
    assert isinstance(error, RejectedError)
    assert error.codes == {"BOE-0023"}
    assert error.reason.code is ReasonCode.REFUSED_BY_SNELSTART
    assert error.reason.details == {"code": "BOE-0023", "message": "Geen regels", "field": "x"}


def test_a_404_is_told_apart() -> None:
    assert isinstance(refusal(answer(404)), SnelstartNotFound)


@pytest.mark.parametrize(
    ("status", "content", "text_key", "details"),
    [
        (
            401,
            {"statusCode": 401, "message": "Access denied due to invalid subscription key."},
            "PROFILE_PAUSED.subscription_key",
            {},
        ),
        (
            401,
            {"statusCode": 401, "message": "Access denied due to missing subscription key."},
            "PROFILE_PAUSED.subscription_key",
            {},
        ),
        (401, None, "PROFILE_PAUSED.token_refused", {}),
        (
            403,
            {"error": "insufficient access rights. required scopes for this operation are: orders:read"},
            "PROFILE_PAUSED.scope",
            {"scopes": "orders:read"},
        ),
        (403, {"message": "IP refused"}, "PROFILE_PAUSED.forbidden", {"message": "IP refused"}),
    ],
)
def test_keys_and_rights_pause_the_profile(
    status: int, content: Any, text_key: str, details: dict[str, str]
) -> None:
    error = refusal(answer(status, content))

    assert isinstance(error, MisconfiguredError)
    assert error.reason.text_key == text_key
    assert error.reason.details == details


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Out of call volume quota. Quota will be replenished in 120 seconds.", 120),
        ("Out of call volume quota. Quota will be replenished in 00:15:00.", None),
    ],
)
def test_a_used_up_quota_is_a_limit_and_no_missing_right(message: str, seconds: float | None) -> None:
    error = refusal(answer(403, {"statusCode": 403, "message": message}))

    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == seconds
