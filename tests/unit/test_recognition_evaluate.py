"""`evaluate` and `check-recognition` as a user runs them, with good files and with bad ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from customer_resolver.__main__ import main
from customer_resolver.domain.recognition import Recognition

COMMANDS = ("evaluate", "check-recognition")


def relation(number: int, name: str, email: str, **changes: Any) -> dict[str, Any]:
    address = {
        "straat": f"Kerkstraat {number}",
        "postcode": "1234 AB",
        "plaats": "Utrecht",
        "land": {"id": "nl"},
    }
    values = {
        "id": f"relation-{number}",
        "relatiecode": number,
        "relatiesoort": ["Klant"],
        "naam": name,
        "email": email,
        "vestigingsAdres": address,
    }
    return {**values, **changes}


def order(number: int, name: str, email: str, house_number: int, truth: list[str]) -> dict[str, Any]:
    invoice = {
        "name": name,
        "street": "Kerkstraat",
        "number": house_number,
        "zipcode": "1234AB",
        "country_code": "NL",
    }
    debtor = {"email": email, "address": {"invoice": invoice, "delivery": invoice}}
    return {"number": number, "debtor": debtor, "truth": truth}


CUSTOMERS = [
    relation(1, "Peter Zwartjes", "peter@kpnmail.nl"),
    relation(2, "Kim Bruinsma", "kim@kpnmail.nl"),
    relation(3, "", "", vestigingsAdres=None),
]
ORDERS = [
    order(101, "Peter Zwartjes", "peter@kpnmail.nl", 1, ["relation-1"]),
    order(102, "Nora Bruinsma", "kim@kpnmail.nl", 2, []),
    order(103, "Jan Geelen", "jan@kpnmail.nl", 77, []),
    {"number": "104"},
]


def written(file: Path, rows: list[Any]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as a user does; `customers` and `orders` are rows, or files."""

    def run(command: str, *options: str, customers: Any = CUSTOMERS, orders: Any = ORDERS) -> int:
        files = [
            given if isinstance(given, Path) else written(tmp_path / f"{name}.jsonl", given)
            for name, given in (("customers", customers), ("orders", orders))
        ]
        arguments = [command, "--customers", str(files[0]), "--orders", str(files[1]), *options]
        if command == "evaluate":
            arguments += ["--out", str(tmp_path / "decisions.jsonl")]
        monkeypatch.setattr("sys.argv", ["customer_resolver", *arguments])
        return main()

    return run


def test_writes_a_decision_with_its_reasons_for_every_order(tmp_path: Path, run: Run) -> None:
    assert run("evaluate") == 0
    decisions = [json.loads(line) for line in (tmp_path / "decisions.jsonl").read_text().splitlines()]
    assert [row["order"] for row in decisions] == ["101", "102", "103", "104"]
    assert [row["decision"] for row in decisions] == ["linked", "manual", "new", "new"]
    assert [row["customer"] for row in decisions] == ["relation-1", None, None, None]
    assert decisions[1]["suggestions"][0] == "relation-2"
    assert all(row["reasons"] and row["explanation"] for row in decisions)
    assert all(
        set(row) == {"order", "decision", "customer", "suggestions", "reasons", "explanation"}
        for row in decisions
    )


ODD_NAMES = ("", " ", "😀", "ﷺ", "Peter\u202eZwartjes", "x" * 300, "van der", "'; drop table", "\ud83d")
ODD_EMAILS = ("", "peter", "@", "peter@", "a@b@c", "😀@😀.nl", "x" * 300 + "@kpnmail.nl")
ODD_PLACES = (
    *(("B-2000", "BE"), ("D-10115", "DE"), ("SW1A 1AA", "GB"), ("", "XX"), ("0000AA", "NL"), ("😀", "NL")),
    ("1234AB" * 50, ""),
)
ODD_CUSTOMERS = [
    relation(1, "Peter Zwartjes", "samen@kpnmail.nl"),
    relation(2, "Kim Zwartjes", "samen@kpnmail.nl"),
    relation(3, "", "geen apenstaartje"),
    relation(4, "😀", "@", telefoon=None, vestigingsAdres={"straat": None, "postcode": "😀", "land": None}),
    relation(5, "Zwartjes " + "x" * 300, "a@b@kpnmail.nl", relatiesoort=None),
]


def from_abroad(number: int, postcode: str, country_code: str) -> dict[str, Any]:
    placed = order(number, "Kim Zwartjes", "kim@kpnmail.nl", 1, [])
    placed["debtor"]["address"]["invoice"] |= {"zipcode": postcode, "country_code": country_code}
    return placed


ODD_ORDERS = [
    *(order(200 + i, name, "samen@kpnmail.nl", 1, []) for i, name in enumerate(ODD_NAMES)),
    *(order(220 + i, "Peter Zwartjes", email, 1, ["relation-1"]) for i, email in enumerate(ODD_EMAILS)),
    *(from_abroad(240 + i, *place) for i, place in enumerate(ODD_PLACES)),
    {"number": "260"},
    {"number": "261", "truth": [], "debtor": {"email": None, "address": {"invoice": None}}},
]


@pytest.mark.parametrize("recognition", list(Recognition))
def test_decides_whatever_stands_in_the_files(tmp_path: Path, run: Run, recognition: str) -> None:
    assert run("evaluate", "--recognition", recognition, customers=ODD_CUSTOMERS, orders=ODD_ORDERS) == 0
    lines = (tmp_path / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    decisions = {line["order"]: line for line in map(json.loads, lines)}
    assert list(decisions) == [str(asked["number"]) for asked in ODD_ORDERS]
    assert all(line["reasons"] and line["explanation"] for line in decisions.values())
    # Two customers with one e-mail address: the name tells them apart, or nobody is linked.
    assert {decisions[str(number)]["customer"] for number in range(200, 209)} <= {None}


def test_prints_the_figures_when_the_truth_is_told(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", "--truth", "--json", orders=ORDERS[:3]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["precision"], figures["recall"], figures["wrong_new_share"]) == (1.0, 1.0, 0.0)
    assert figures["manual_share"] == pytest.approx(1 / 3)
    assert figures["p99_ms"] > 0


def test_refuses_to_judge_without_the_truth(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", "--truth") == 2
    assert "order 104 has no field truth" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("{", "no JSON"), ("[1]", "no JSON object"), ("{}", "no SnelStart relation"), ('{"id": 1}', "already")],
)
def test_names_the_line_that_is_wrong(
    line: str,
    complaint: str,
    tmp_path: Path,
    run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    customers = tmp_path / "c.jsonl"
    customers.write_text(f'{{"id": "1"}}\n\n{line}\n')
    for command in COMMANDS:
        assert run(command, customers=customers) == 2
        told = capsys.readouterr().err
        assert "c.jsonl, line 3" in told
        assert complaint in told


@pytest.mark.parametrize(
    ("row", "complaint"), [({}, "without a number"), ({"number": 1, "truth": "x"}, "no list")]
)
def test_names_the_order_that_is_wrong(
    row: dict[str, Any],
    complaint: str,
    run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("evaluate", orders=[row]) == 2
    assert complaint in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "nergens.jsonl"
    assert run("evaluate", customers=missing) == 2
    assert "nergens.jsonl: cannot be read" in capsys.readouterr().err


def test_knocks_customers_out_and_masks_parts(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check-recognition", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["orders"], report["certain"], report["knocked_out_linked"]) == (4, 1, 0)
    assert report["masked"]["email"]["same"] == 1
    assert report["masked"]["address"]["same"] == 1
    assert 0 < report["false_match_rate_upper"] <= 1


def test_the_report_is_for_people_too(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check-recognition") == 0
    assert "Zekere bestellingen" in capsys.readouterr().out
