"""Who is linked, who is put before a person and who is new; every guard on its own."""

from dataclasses import replace
from typing import Any

import pytest

from customer_resolver.domain.buyers import Address, VatNumber
from customer_resolver.domain.recognition import (
    SUGGESTIONS_MAX,
    Linked,
    Manual,
    New,
    Recognition,
    Threshold,
    Trace,
    decide,
)
from customer_resolver.domain.recognition.verdicts import Choose, Link, Nobody
from customer_resolver.domain.relations import Relation, RelationRole
from recognition_cases import LARGE, buyer, card, home, recognised

VAT = VatNumber(number="NL853746333B01", country_code="NL", valid=True)


def reasons(outcome: object) -> tuple[str, ...]:
    assert isinstance(outcome, Manual), outcome
    return outcome.reasons


class TestLinks:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"emails": ()},
            {"street": "Dorpsweg 3", "postcode": "9999ZZ"},
            {"name": "P. Zwartjes"},
            {"name": "Zwartjes, Peter"},
            {"name": "Fam. Zwartjes"},
            {"name": "Peter Zwartes"},
        ],
        ids=str,
    )
    def test_two_things_that_agree_are_enough(self, changes: dict[str, Any]) -> None:
        outcome = recognised(buyer(), card(**changes))
        assert isinstance(outcome, Linked), outcome
        assert outcome.relation.number == 10412
        assert outcome.levels

    def test_a_company_at_its_own_address(self) -> None:
        order = buyer(company="Zwartjes Tegels B.V.", person="Kim Bos", email="kim@zwartjestegels.nl")
        outcome = recognised(order, card(name="Zwartjes Tegels", emails=("info@zwartjestegels.nl",)))
        assert isinstance(outcome, Linked), outcome

    def test_the_only_business_with_this_mailbox_and_door_needs_no_company_name(self) -> None:
        business = card(name="Zwartjes Tegels B.V.", contact="Peter Zwartjes")
        assert isinstance(recognised(buyer(), business), Linked)

    def test_initials_are_enough_for_the_looser_threshold(self) -> None:
        initials = card(name="P. Zwartjes", emails=())
        assert isinstance(recognised(buyer(email=None), initials, threshold=Threshold.NORMAL), Linked)

    @pytest.mark.parametrize(
        ("typed", "on_card"), [("Zwartjes Peter", "P. Zwartjes"), ("P. Zwartjes", "Zwartjes Peter")]
    )
    def test_a_surname_in_front_of_a_first_name_of_which_the_other_has_the_initial(
        self, typed: str, on_card: str
    ) -> None:
        assert isinstance(recognised(buyer(person=typed), card(name=on_card)), Linked)

    @pytest.mark.parametrize(
        ("place", "relation"),
        [
            (home(postcode="9999ZZ"), card(emails=())),
            (home(street="Huize Zonneschijn", postcode="1000", country_code="BE"),
             card(emails=(), postcode="1000", country_code="BE")),
        ],
        ids=["another postcode", "another street in a foreign town"],
    )  # fmt: skip
    def test_two_parts_of_the_address_are_enough_beside_a_whole_name_only(
        self, place: Address, relation: Relation
    ) -> None:
        order = buyer(email=None, address=place)
        assert isinstance(recognised(order, relation), Linked)
        assert not isinstance(recognised(order, replace(relation, name="P. Zwartjes")), Linked)
        assert not isinstance(recognised(replace(order, person="Kim Zwartjes"), relation), Linked)

    def test_a_card_in_use_goes_before_its_double_that_is_not(self) -> None:
        outcome = recognised(buyer(), card(1, active=False), card(2))
        assert isinstance(outcome, Linked)
        assert outcome.relation.number == 2


class TestGuards:
    @pytest.mark.parametrize(
        ("order", "relation", "reason"),
        [
            (buyer(email=None), card(name="P. Zwartjes", emails=()), "manual.initials_only"),
            (buyer(person="Kim Zwartjes"), card(), "manual.housemate"),
            (buyer(person="Nora Zwartjes"), card(name="Nova Zwartjes"), "manual.housemate"),
            (buyer(person="Peter Bruinsma"), card(), "manual.surname_differs"),
            (buyer(address=home(postcode="", street="", house_number=""), email=None, phone="0612345678"),
             card(street="", postcode="", phones=("0612345678",), active=False), "manual.inactive"),
            (buyer(company="Tegels Holding B.V."), card(name="Tegels B.V."), "manual.other_form"),
            (buyer(company="Anders B.V."), card(), "manual.company_not_on_card"),
            (buyer(person="Kim Bos"), card(name="Tegels B.V.", contact="Jan de Wit"),
             "manual.company_not_on_order"),
            (buyer(company="Tegels", vat_number=VAT), card(name="Tegels", vat_number="NL010000446B01"),
             "manual.vat_number_differs"),
            (buyer(address=home(street="", house_number="", postcode=""), email="x@example.nl",
                   person="Peter Zwartjes", customer_code="10412"),
             card(emails=(), name="Zwartjes P.", street="", postcode="", active=False), "manual.inactive"),
            (buyer(person=""), card(), "manual.name_unknown"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )  # fmt: skip
    def test_holds_back(self, order: object, relation: object, reason: str) -> None:
        assert reason in reasons(recognised(order, relation))  # type: ignore[arg-type]

    def test_a_mailbox_of_another_customer(self) -> None:
        mine, other = card(1, emails=()), card(2, name="Jan Bruinsma", street="Laan 1", postcode="5555AA")
        outcome = recognised(buyer(), mine, other)
        assert "manual.belongs_to_other" in reasons(outcome)

    def test_a_shared_mailbox_and_only_an_initial(self) -> None:
        shared = ("zwartjes@kpnmail.nl",)
        cards = card(1, name="P. Zwartjes", emails=shared), card(2, name="Kim Zwartjes", emails=shared)
        outcome = recognised(buyer(email=shared[0]), *cards)
        assert "manual.shared_email" in reasons(outcome)

    def test_a_name_alone(self) -> None:
        namesake = card(emails=(), street="Laan 1", postcode="1234XX")
        order = buyer(email=None, address=home(street="Laan", house_number="99", postcode="1234XX"))
        assert "manual.one_group" in reasons(recognised(order, namesake))

    def test_two_cards_of_one_customer(self) -> None:
        outcome = recognised(buyer(), card(1), card(2))
        assert reasons(outcome)[0] == "manual.duplicate"
        assert isinstance(outcome, Manual)
        assert {suggestion.relation.number for suggestion in outcome.suggestions} == {1, 2}

    def test_sister_companies_whose_names_were_cut_alike(self) -> None:
        cut = "Administratiekantoor Mandy Waterberg en Meerveld Ha"[:50]
        order = buyer(company=f"{cut}rderwijk B.V.", person="Kim Bos")
        outcome = recognised(order, card(1, name=cut), card(2, name=cut, phones=("0612345678",)))
        assert isinstance(outcome, Manual)

    def test_never_more_than_three_suggestions(self) -> None:
        outcome = recognised(buyer(), *(card(number) for number in range(1, 9)))
        assert isinstance(outcome, Manual)
        assert len(outcome.suggestions) == SUGGESTIONS_MAX

    @pytest.mark.parametrize("role", [RelationRole.OTHER, RelationRole.SYSTEM])
    def test_suppliers_and_systems_are_nobody(self, role: RelationRole) -> None:
        assert isinstance(recognised(buyer(), card(role=role)), New)

    def test_a_forwarding_mailbox_is_no_evidence(self) -> None:
        relayed = "abc@verkopen.bol.com"
        outcome = recognised(
            buyer(email=relayed, address=home(postcode="7777XX", house_number="1")), card(emails=(relayed,))
        )
        assert not isinstance(outcome, Linked)

    def test_addresses_of_two_countries_are_never_one(self) -> None:
        order = buyer(email=None, address=home(postcode="1000", country_code="BE"))
        outcome = recognised(order, card(emails=(), postcode="1000", country_code="DE"))
        assert not isinstance(outcome, Linked)


class TestNew:
    @pytest.mark.parametrize("relations", [(), (card(name="Jan Bruinsma", emails=("jan@example.nl",)),)])
    def test_says_why(self, relations: tuple[object, ...]) -> None:
        outcome = recognised(buyer(), *relations)  # type: ignore[arg-type]
        assert isinstance(outcome, New)
        assert outcome.reasons


PLAIN = [recognition for recognition in Recognition if recognition is not Recognition.SMART]


class TestPlainWays:
    @pytest.mark.parametrize(
        ("by", "changes", "expected"),
        [
            (Recognition.EMAIL, {}, Linked),
            (Recognition.EMAIL, {"email": "ander@example.nl"}, New),
            (Recognition.EMAIL, {"email": None}, New),
            (Recognition.EMAIL, {"customer_code": "10412", "email": None}, New),
            (Recognition.CUSTOMER_CODE, {"customer_code": "10412"}, Linked),
            (Recognition.CUSTOMER_CODE, {"customer_code": "99999"}, New),
            (Recognition.CUSTOMER_CODE, {}, New),
            (Recognition.CUSTOMER_CODE_OR_EMAIL, {"customer_code": "99999"}, Linked),
            (Recognition.EMAIL_AND_POSTCODE, {}, Linked),
            (Recognition.EMAIL_AND_POSTCODE, {"address": home(postcode="9999ZZ")}, New),
            (Recognition.CUSTOMER_CODE_OR_EMAIL_AND_POSTCODE, {"address": home(postcode="9999ZZ")}, New),
            (
                Recognition.CUSTOMER_CODE_OR_EMAIL_AND_POSTCODE,
                {"address": home(postcode="9999ZZ"), "customer_code": "10412"},
                Linked,
            ),
        ],
    )
    def test_decides(self, by: Recognition, changes: dict[str, object], expected: type) -> None:
        assert isinstance(recognised(buyer(**changes), card(), by=by), expected)

    @pytest.mark.parametrize("by", [way for way in PLAIN if way.startswith("customer_code")])
    def test_a_code_alone_is_never_enough(self, by: Recognition) -> None:
        stranger = buyer(person="Jan Bruinsma", email="j@example.nl", address=home(postcode="9999ZZ"))
        outcome = recognised(replace(stranger, customer_code="10412"), card(), by=by)
        assert reasons(outcome) == ("manual.code_alone",)

    @pytest.mark.parametrize("by", [way for way in PLAIN if way is not Recognition.CUSTOMER_CODE])
    def test_several_are_for_a_person(self, by: Recognition) -> None:
        outcome = recognised(buyer(), card(1), card(2), by=by)
        assert reasons(outcome) == ("manual.several",)

    @pytest.mark.parametrize("by", PLAIN)
    def test_an_inactive_card_is_for_a_person(self, by: Recognition) -> None:
        outcome = recognised(buyer(customer_code="10412"), card(active=False), by=by)
        assert reasons(outcome) == ("manual.inactive",)


@pytest.mark.parametrize("by", list(Recognition))
@pytest.mark.parametrize(
    "relations", [(), (card(),), (card(1), card(2)), (card(1, name="Kim Zwartjes"), card(2, emails=()))]
)
def test_a_kept_trace_leads_to_the_same_decision(by: Recognition, relations: tuple[object, ...]) -> None:
    outcome = recognised(buyer(customer_code="1"), *relations, by=by)  # type: ignore[arg-type]
    again = decide(Trace.from_document(outcome.trace.as_document()), LARGE.weights)
    match outcome:
        case Linked(relation=relation, levels=levels):
            assert isinstance(again, Link)
            assert (again.pick.relation_id, again.pick.agrees) == (relation.relation_id, levels)
        case Manual():
            assert isinstance(again, Choose)
            assert again.reasons == outcome.reasons
            picked = [pick.relation_id for pick in again.picks]
            assert picked == [suggestion.relation.relation_id for suggestion in outcome.suggestions]
        case New():
            assert isinstance(again, Nobody)
            assert again.reasons == outcome.reasons
