"""The customer-resolver's rules: e-mail addresses, texts that fit, cards, and who is the customer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_resolver.domain import decisions, updates
from customer_resolver.domain.buyers import Address, Buyer, Iban, VatNumber
from customer_resolver.domain.cards import EMAIL_RELAYED, NAME_SHORTENED, CardField, NewCard, compose_card
from customer_resolver.domain.emails import normalised_email, split_emails
from customer_resolver.domain.relations import Relation, RelationAddress
from customer_resolver.domain.wording import shortened, tidy, units
from sconnect.texts import LANGUAGES
from sconnect.texts.rendering import sentences

COUNTRIES = frozenset({"NL", "BE"})
HOME = Address(
    street="Voorbeeldstraat", house_number="12a", postcode="1234ab", city="Utrecht", country_code="NL"
)
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


class TestEmails:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("  Anna@Example.NL ", "anna@example.nl"),
            ("a.b+c@sub.example.nl", "a.b+c@sub.example.nl"),
            ("", None),
            (None, None),
            ("anna", None),
            ("anna@", None),
            ("@example.nl", None),
            ("anna@localhost", None),
            ("anna@example.nl;piet@example.nl", None),
            ("anna voorbeeld@example.nl", None),
            ("anna@@example.nl", None),
            ("anna\ud83d@example.nl", None),
            ("a" * 240 + "@example.nl", None),
        ],
    )
    def test_one_address_is_trimmed_and_in_lower_case(self, text: str | None, expected: str | None) -> None:
        assert normalised_email(text) == expected

    def test_a_field_of_several_is_split(self) -> None:
        assert split_emails(" A@example.nl; b@example.nl ;;geen; a@EXAMPLE.nl") == (
            "a@example.nl",
            "b@example.nl",
        )


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Jansen", "Jansen"),
            ("Stichting Voorbeeldhuis voor Lange Zinnen en Meer", "Stichting Voorbeeldhuis voor Lange"),
            ("Voorbeeldbedrijf Houthandel Utrecht, Nieuwegein", "Voorbeeldbedrijf Houthandel Utrecht"),
            ("x" * 60, "x" * 40),
            ("ab " + "y" * 60, "ab " + "y" * 37),
        ],
    )
    def test_cut_at_40_between_words_where_that_is_cheap(self, text: str, expected: str) -> None:
        assert shortened(text, 40) == expected

    def test_an_emoji_counts_for_two_and_is_never_halved(self) -> None:
        assert units("😀") == 2
        assert shortened("😀" * 3, 5) == "😀😀"

    def test_a_joined_emoji_stays_whole_or_goes(self) -> None:
        assert shortened("ab" + FAMILY, 6) == "ab"

    def test_one_character_with_too_many_accents_is_cut_all_the_same(self) -> None:
        assert shortened("a" + "\N{COMBINING ACUTE ACCENT}" * 60, 5) == "a" + "\N{COMBINING ACUTE ACCENT}" * 4

    def test_control_characters_and_runs_of_spaces_go(self) -> None:
        assert tidy(" Jan\t\n van\x00 der\x07  Voorbeeld ") == "Jan van der Voorbeeld"
        assert tidy(None) == ""

    @given(st.text(), st.integers(min_value=2, max_value=60))
    def test_whatever_comes_in_fits_and_is_a_beginning(self, text: str, units_max: int) -> None:
        clean = tidy(text)
        cut = shortened(clean, units_max)
        assert units(cut) <= units_max
        assert clean.startswith(cut)
        assert cut or not clean


class TestCards:
    def test_a_person_with_everything(self) -> None:
        buyer = Buyer(
            email="jan@example.nl",
            person="Jan Voorbeeld",
            address=HOME,
            phone="+31600000001",
            iban=Iban(number="NL91ABNA0417164300", valid=True),
        )
        card = compose_card(buyer, COUNTRIES)
        assert card is not None
        assert (card.name, card.email, card.phone) == ("Jan Voorbeeld", "jan@example.nl", "+31600000001")
        assert card.address is not None
        assert (card.address.street, card.address.postcode) == ("Voorbeeldstraat 12a", "1234AB")
        assert (card.iban, card.notes, card.address.contact) == ("NL91ABNA0417164300", (), "")

    def test_a_company_has_its_buyer_as_contact(self) -> None:
        buyer = Buyer(email="a@example.nl", company="Voorbeeld BV", person="Jan Voorbeeld", address=HOME)
        card = compose_card(buyer, COUNTRIES)
        assert card is not None
        assert card.address is not None
        assert (card.name, card.address.contact) == ("Voorbeeld BV", "Jan Voorbeeld")

    @pytest.mark.parametrize(
        "address",
        [
            Address(street="Voorbeeldstraat", house_number="1", city="Utrecht", country_code="NL"),
            Address(street="Voorbeeldstraat", postcode="1234AB", country_code="NL"),
            Address(house_number="1", postcode="1234AB", city="Utrecht", country_code="NL"),
            Address(street="Rue", house_number="1", postcode="75001", city="Parijs", country_code="FR"),
            Address(street="Weg", house_number="1", postcode="9" * 26, city="Utrecht", country_code="NL"),
        ],
    )
    def test_an_address_with_a_hole_is_left_out_and_said(self, address: Address) -> None:
        card = compose_card(Buyer(email="a@example.nl", person="Jan", address=address), COUNTRIES)
        assert card is not None
        assert (card.address, card.notes) == (None, ("without.address",))

    def test_a_country_alone_is_no_address_that_is_missed(self) -> None:
        buyer = Buyer(email="a@example.nl", person="Jan", address=Address(country_code="NL"))
        card = compose_card(buyer, COUNTRIES)
        assert card is not None
        assert (card.address, card.notes) == (None, ())

    def test_a_long_street_keeps_its_number(self) -> None:
        address = Address(
            street="Burgemeester " * 6, house_number="1001-B", postcode="1", city="X", country_code="NL"
        )
        card = compose_card(Buyer(email="a@example.nl", person="Jan", address=address), COUNTRIES)
        assert card is not None
        assert card.address is not None
        assert units(card.address.street) <= 50
        assert card.address.street.endswith("Burgemeester 1001-B")

    @pytest.mark.parametrize(
        ("number", "expected", "notes"),
        [
            (VatNumber(number="BE0123456749", country_code="BE", valid=True), None, ("without.vat_number",)),
            (VatNumber(number="NL1", country_code="NL", valid=False), None, ("without.vat_number",)),
            (VatNumber(number="NL000099998B57", country_code="NL", valid=True), "NL000099998B57", ()),
            (None, None, ()),
        ],
    )
    def test_only_a_valid_vat_number_of_the_addresss_country(
        self, number: VatNumber | None, expected: str | None, notes: tuple[str, ...]
    ) -> None:
        buyer = Buyer(email="a@example.nl", person="Jan", address=HOME, vat_number=number)
        card = compose_card(buyer, COUNTRIES)
        assert card is not None
        assert (card.vat_number, card.notes) == (expected, notes)

    @pytest.mark.parametrize(
        ("phone", "expected", "notes"),
        [
            ("030 - 000 00 01", "030 - 000 00 01", ()),
            ("+31 (0) 6 - 0000 0001 (na zes uur)", "+310600000001", ()),
            ("0" * 30, None, ("without.phone",)),
            ("bel maar niet, want ik ben nooit thuis", None, ("without.phone",)),
        ],
    )
    def test_a_phone_number_fits_or_is_left_out(
        self, phone: str, expected: str | None, notes: tuple[str, ...]
    ) -> None:
        card = compose_card(Buyer(email="a@example.nl", person="Jan", phone=phone), COUNTRIES)
        assert card is not None
        assert (card.phone, card.notes) == (expected, notes)

    def test_an_iban_that_is_not_valid_is_left_out_and_said(self) -> None:
        buyer = Buyer(email="a@example.nl", person="Jan", iban=Iban(number="NL00", valid=False))
        card = compose_card(buyer, COUNTRIES)
        assert card is not None
        assert (card.iban, card.notes) == (None, ("without.iban",))

    def test_a_long_name_is_cut_and_said(self) -> None:
        card = compose_card(Buyer(email="a@example.nl", company="Voorbeeld " * 30), COUNTRIES)
        assert card is not None
        assert card.name == "Voorbeeld " * 4 + "Voorbeeld"
        assert card.notes == ("shortened.name",)

    @pytest.mark.parametrize(
        ("person", "expected"),
        [
            ("Jan van der Voorbeeld", "Jan van der Voorbeeld"),
            (
                "Wilhelmina Johanna Catharina van der Oudenrijn-Zwanenburg",
                "Wilhelmina Johanna C. van der Oudenrijn-Zwanenburg",
            ),
            (
                "Maximiliaan Alexander Ferdinand Constantijn Voorbeeldenaar",
                "Maximiliaan Alexander Ferdinand C. Voorbeeldenaar",
            ),
            ("J. " + "Voorbeeldhuizen-" * 4 + "Testdorp", "J. " + "Voorbeeldhuizen-" * 2 + "Voorbeeldhuizen"),
        ],
    )
    def test_a_persons_given_names_give_way_before_the_surname_does(self, person: str, expected: str) -> None:
        card = compose_card(Buyer(email="a@example.nl", person=person), COUNTRIES)
        assert card is not None
        assert card.name == expected

    def test_an_address_of_a_go_between_is_not_on_the_card(self) -> None:
        card = compose_card(Buyer(email="2xyz@verkopen.bol.com", person="Jan"), COUNTRIES)
        assert card is not None
        assert (card.email, card.notes) == (None, ("without.relayed_email",))

    def test_without_a_name_the_email_names_the_card(self) -> None:
        card = compose_card(Buyer(email="a@example.nl"), COUNTRIES)
        assert card is not None
        assert card.name == "a@example.nl"

    def test_nothing_to_call_it_is_no_card(self) -> None:
        assert compose_card(Buyer(email=None), COUNTRIES) is None

    @given(st.text(), st.text(), st.text(), st.text())
    def test_whatever_the_buyer_typed_the_limits_hold(
        self, company: str, person: str, street: str, city: str
    ) -> None:
        address = Address(street=street, house_number=person, postcode="1", city=city, country_code="NL")
        buyer = Buyer(email="a@example.nl", company=company, person=person, address=address)
        card = compose_card(buyer, COUNTRIES)
        assert card is not None
        assert 0 < units(card.name) <= 50
        if card.address is not None:
            assert 0 < units(card.address.street) <= 50
            assert 0 < units(card.address.city) <= 50
            assert units(card.address.contact) <= 50

    def test_a_refused_part_goes_and_is_said(self) -> None:
        card = NewCard(name="Jan", email="a@example.nl", iban="NL00", notes=("shortened.name",))
        reduced = card.without(CardField.IBAN)
        assert (reduced.iban, reduced.email) == (None, "a@example.nl")
        assert reduced.notes == ("shortened.name", "without.iban")

    @pytest.mark.parametrize(
        ("changes", "is_ours"),
        [
            ({}, True),
            ({"name": "JAN  voorbeeld"}, True),
            ({"name": "Piet Voorbeeld"}, False),
            ({"emails": ("ander@example.nl",)}, False),
            ({"emails": ("jan@example.nl", "ander@example.nl")}, False),
            ({"address": RelationAddress(postcode="1234 ab")}, True),
            ({"address": RelationAddress(postcode="9999ZZ")}, False),
        ],
    )
    def test_a_relation_is_ours_by_name_email_and_postcode(
        self, changes: dict[str, object], is_ours: bool
    ) -> None:
        card = compose_card(Buyer(email="jan@example.nl", person="Jan Voorbeeld", address=HOME), COUNTRIES)
        assert card is not None
        values = {
            "relation_id": "r",
            "number": 7,
            "name": "Jan Voorbeeld",
            "emails": ("jan@example.nl",),
            "address": RelationAddress(postcode="1234AB"),
        }
        assert card.became(Relation(**{**values, **changes})) is is_ours  # type: ignore[arg-type]


class TestExplanations:
    @pytest.mark.parametrize(
        "level",
        [
            decisions.DECIDED,
            decisions.CREDITED_ORDER,
            decisions.COLLECTIVE_DEBTOR,
            decisions.REMEMBERED,
            decisions.TURNED_DOWN,
            decisions.MADE_FOR_THIS_ORDER,
            EMAIL_RELAYED,
            NAME_SHORTENED,
            updates.NOT_UPDATED_FAX,
            updates.NOT_UPDATED_NAME,
            updates.NOT_UPDATED_OLDER_ORDER,
            updates.NOT_UPDATED_REFUSED,
            *(f"not_updated.{field}" for field in CardField),
            *(f"without.{field}" for field in CardField),
        ],
    )
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_word_has_its_sentence(self, level: str, language: str) -> None:
        assert f"explanation.{level}" in sentences(language)
