"""Dutch names, addresses, telephones, mailboxes and companies as they are compared."""

import pytest

from customer_resolver.domain.recognition.addresses import read_address
from customer_resolver.domain.recognition.companies import read_company
from customer_resolver.domain.recognition.company_levels import compare_companies
from customer_resolver.domain.recognition.levels import Level
from customer_resolver.domain.recognition.mailboxes import MailboxKind, read_mailbox
from customer_resolver.domain.recognition.numbers import read_code, read_vat_id
from customer_resolver.domain.recognition.persons import read_person
from customer_resolver.domain.recognition.phones import read_phone


@pytest.mark.parametrize(
    ("text", "firsts", "initials", "surname"),
    [
        ("Peter van Dijk", ("peter",), "p", "dyk"),
        ("Dijk, Peter van", ("peter",), "p", "dyk"),
        ("van Dijk Peter", ("peter",), "p", "dyk"),
        ("PETER VAN DIJK", ("peter",), "p", "dyk"),
        ("P. van Dijk", (), "p", "dyk"),
        ("Dijk P van", (), "p", "dyk"),
        ("dhr. P.A. v.d. Berg", (), "pa", "berg"),
        ("J.P.Jansen", (), "jp", "jansen"),
        ("JP Jansen", (), "jp", "jansen"),
        ("Bos J", (), "j", "bos"),
        ("mevr. dr. Th. Chr. de Wit", (), "tc", "wit"),
        ("Peter J Smith", ("peter",), "pj", "smit"),
        ("Jessica T Goetz", ("jessica",), "jt", "goetz"),
        ("Jan 't Hart", ("jan",), "j", "hart"),
        ("Jan-Willem de Boer", ("jan-willem",), "j", "boer"),
        ("Ben Schouten", ("ben",), "b", "schouten"),
        ("BEN SCHOUTEN", ("ben",), "b", "schouten"),
        ("Ahmed ben Yahya", ("ahmed",), "a", "yahya"),
        ("M. Jansen - de Vries", (), "m", "jansenvries"),
        ("Mohammed el Amrani", ("mohammed",), "m", "amrani"),
        ("T.a.v. Peter Jansen", ("peter",), "p", "jansen"),
        ("Jansen", (), "", "jansen"),
        ("😀", (), "", ""),
        ("", (), "", ""),
    ],
)
def test_a_name_is_taken_apart(text: str, firsts: tuple[str, ...], initials: str, surname: str) -> None:
    name = read_person(text)
    assert (name.firsts, name.initials, name.surname) == (firsts, initials, surname)


@pytest.mark.parametrize(
    ("text", "firsts"),
    [
        ("Fam. Jansen", ()),
        ("Familie de Wit", ()),
        ("Jan en Marie Jansen", ("jan", "marie")),
        ("J. & M. Bos", ()),
    ],
)
def test_a_household_is_known_as_one(text: str, firsts: tuple[str, ...]) -> None:
    name = read_person(text)
    assert name.is_family
    assert name.firsts == firsts


@pytest.mark.parametrize(
    ("parts", "postcode", "number", "addition"),
    [
        (("Kerkstraat 12 a", "", "1234 ab", ""), "1234AB", 12, "a"),
        (("Kerkstraat", "12-A", "1234AB", "NL"), "1234AB", 12, "a"),
        (("Plein 1945", "12", "1234AB", "NL"), "1234AB", 12, ""),
        (("Plein 1945 12", "", "1234AB", "NL"), "1234AB", 12, ""),
        (("2e Jan Steenstraat 5-1", "", "1234AB", "NL"), "1234AB", 5, "1"),
        (("Dorpsstr. 3 II", "", "1234AB", "NL"), "1234AB", 3, "2"),
        (("Kerkstraat 12 3 hoog", "", "1234AB", "NL"), "1234AB", 12, "3"),
        (("Kerkstraat 12", "12", "1234AB", "NL"), "1234AB", 12, ""),
        (("Rue de la Loi 12 bus 3", "", "B-1000", "BE"), "1000", 12, "3"),
        (("Hauptstraße 5b", "", "D-10115", "DE"), "10115", 5, "b"),
        (("12 rue de la Paix", "", "75001", "FR"), "75001", 12, ""),
        (("15", "", "1234AB", "NL"), "1234AB", 15, ""),
        (("n 74th st 17908", "", "60614", "US"), "60614", 17908, ""),
        (("nw 99 ln 590 apt 3", "", "32606", "US"), "32606", 590, "3"),
        (("Kerkstraat", "", "", ""), "", 0, ""),
        (("", "", "", ""), "", 0, ""),
    ],
)
def test_an_address_is_taken_apart(
    parts: tuple[str, str, str, str], postcode: str, number: int, addition: str
) -> None:
    address = read_address(*parts)
    assert (address.postcode, address.number, address.addition) == (postcode, number, addition)


@pytest.mark.parametrize(
    ("street", "house_number"),
    [
        ("n 74th st", "17908"),
        ("nw 99 ln", "590"),
        ("s hwy 701", "69"),
        ("Straße des 17. Juni", "135"),
        ("Laan 1940-1945", "12-A"),
        ("", "15"),
    ],
)
def test_a_number_in_a_street_name_is_read_alike_from_one_text_or_two(street: str, house_number: str) -> None:
    apart = read_address(street, house_number, "1234AB", "NL")
    assert apart.number
    assert apart == read_address(f"{street} {house_number}", "", "1234AB", "NL")


def test_a_glued_addition_is_the_same_door() -> None:
    glued, apart = read_address("Kerkstraat 602", "", "", ""), read_address("Kerkstraat 60-2", "", "", "")
    assert glued.door == apart.door


def test_a_post_box_is_no_house() -> None:
    assert (
        read_address("Postbus 12", "", "1234AB", "NL").place != read_address("", "12", "1234AB", "NL").place
    )


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("06-12 34 56 78", "", "+31612345678"),
        ("+31 (0)6 12345678", "NL", "+31612345678"),
        ("0031612345678", "NL", "+31612345678"),
        ("010-1234567", "", "+31101234567"),
        ("+32 470 12 34 56", "NL", "+32470123456"),
        ("0470/12 34 56", "BE", "+32470123456"),
        ("0000000000", "NL", ""),
        ("12345", "NL", ""),
        ("bel me", "NL", ""),
    ],
)
def test_a_telephone_number_is_international(text: str, country: str, number: str) -> None:
    assert read_phone(text, country) == number


@pytest.mark.parametrize(
    ("text", "address", "kind"),
    [
        ("Jan.de.Vries+winkel@GMAIL.com", "jandevries@gmail.com", MailboxKind.PERSONAL),
        ("jan@googlemail.com", "jan@gmail.com", MailboxKind.PERSONAL),
        ("jan@gmial.com", "jan@gmail.com", MailboxKind.PERSONAL),
        ("jan.de.vries@bedrijf.nl", "jan.de.vries@bedrijf.nl", MailboxKind.PERSONAL),
        ("info@bedrijf.nl", "info@bedrijf.nl", MailboxKind.ROLE),
        ("a1b2@verkopen.bol.com", "a1b2@verkopen.bol.com", MailboxKind.RELAY),
    ],
)
def test_a_mailbox_has_one_spelling(text: str, address: str, kind: MailboxKind) -> None:
    mailbox = read_mailbox(text)
    assert mailbox is not None
    assert (mailbox.address, mailbox.kind) == (address, kind)


@pytest.mark.parametrize("text", ["", "geen", "@", "@bedrijf.nl", "jan@"])
def test_what_is_no_mailbox_is_none(text: str) -> None:
    assert read_mailbox(text) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        ("Jansen Bouw B.V.", "Jansen Bouw", Level.COMPANY_EQUAL),
        ("Jansen Bouw", "JANSEN BOUW BV", Level.COMPANY_EQUAL),
        ("Meyer Techniek", "Meijer Techniek", Level.COMPANY_EQUAL),
        ("Jansne Bouw", "Jansen Bouw", Level.COMPANY_CLOSE),
        ("Jansen Bouw Holding B.V.", "Jansen Bouw B.V.", Level.COMPANY_OTHER_FORM),
        ("Jansen Bouw Beheer", "Jansen Bouw Holding", Level.COMPANY_OTHER_FORM),
        ("Jansen Bouw V.O.F.", "Jansen Bouw B.V.", Level.COMPANY_OTHER_FORM),
        ("S. Rosendaal Beheer", "H. Roosendaal Beheer", Level.COMPANY_DIFFERS),
        ("Garage 24", "Garage 25", Level.COMPANY_DIFFERS),
        ("Jansen", "Jansen Bouw", Level.COMPANY_PART),
        ("Jansen Bouw B.V.", "Jansen Holding B.V.", Level.COMPANY_DIFFERS),
        ("Jansen B.V.", "Jansen Bouw V.O.F.", Level.COMPANY_DIFFERS),
        ("Pietersen Tegels", "Jansen Bouw", Level.COMPANY_DIFFERS),
    ],
)
def test_companies_are_compared_by_their_core_and_form(ours: str, theirs: str, level: Level) -> None:
    assert compare_companies(read_company(ours), read_company(theirs)) is level


def test_a_name_that_snelstart_cut_is_a_beginning() -> None:
    whole = "Tandartspraktijk Sophie Dalhuizen en Wilgenberg Wijchen"
    cut = read_company(whole[:50])
    assert compare_companies(read_company(f"{whole} B.V."), cut) is Level.COMPANY_EQUAL
    assert compare_companies(read_company(f"{whole} Holding B.V."), cut) is Level.COMPANY_OTHER_FORM


@pytest.mark.parametrize("written", ["000099998B57", "NL000099998B57", "nl 0000.99.998.b57"])
def test_a_dutch_vat_number_needs_no_country(written: str) -> None:
    number = read_vat_id(written, "NL")
    assert number is not None
    assert number.number == "NL000099998B57"


@pytest.mark.parametrize(
    ("text", "code"), [("10412", 10412), (" 0010412 ", 10412), ("KL-10", None), ("0", None), (None, None)]
)
def test_a_customer_code_is_a_number(text: str | None, code: int | None) -> None:
    assert read_code(text) == code
