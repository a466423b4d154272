"""Each rule must be able to fail: a text that keeps it and one that breaks it."""

import pytest

from tidy import rules
from tidy.rules import Rule

BODY_OF_400_LINES = "x = 1\n" * 400
FUNCTION_OF_60_LINES = "def f():\n" + "    x = 1\n" * 59


@pytest.mark.parametrize(
    ("rule", "kept", "broken"),
    [
        (rules.too_long_module, BODY_OF_400_LINES, BODY_OF_400_LINES + "x = 1\n"),
        (rules.too_long_function, FUNCTION_OF_60_LINES, FUNCTION_OF_60_LINES + "    x = 1\n"),
        (rules.broad_except, "try: f()\nexcept OSError: g()", "try: f()\nexcept (OSError, Exception): g()"),
        (rules.broad_except, "try: f()\nexcept (OSError, ValueError): g()", "try: f()\nexcept: g()"),
        (rules.swallowed_error, "try: f()\nexcept OSError: g()", "try: f()\nexcept OSError: pass"),
        (rules.sleep, "await asyncio.sleep(0)", "time.sleep(1)"),
        (rules.sleep, "clock.sleep(5)", "asyncio.sleep(0.1)"),
        (rules.printing, "log.info('printed')", "print('done')"),
        (rules.mocking, "from tests.fakes import FakeShop", "from unittest.mock import Mock"),
        (rules.unfinished, "# to do nothing is fine", "x = 1  # TODO later"),
        (rules.banner, "# why, not what", "# ------ helpers"),
        (rules.machine_path, "path = '/var/lib/x'", "path = '/home/someone/x'"),
        (rules.registry_host, "see example.nl", "--index-url https://pypi.org/simple"),
        (rules.template_docstring, '"""Returns the sum of args."""', '"""Add.\n\nReturns:\n  a sum\n"""'),
    ],
)
def test_a_rule_tells_what_keeps_it_from_what_breaks_it(rule: Rule, kept: str, broken: str) -> None:
    assert list(rule(kept)) == []
    assert len(list(rule(broken))) == 1
