"""Which customer an order belongs to."""

from datetime import UTC, datetime
from typing import Any

import pytest

from customer_resolver.domain.buyers import Address, Buyer, VatNumber
from customer_resolver.domain.decisions import (
    CollectiveDebtor,
    CollectiveFor,
    Create,
    CreateCustomer,
    Decision,
    Known,
    Link,
    Origin,
    Policy,
    Refuse,
    Rules,
    UseCustomer,
    decide,
)
from customer_resolver.domain.relations import Relation, RelationRole
from sconnect.errors import MisconfiguredError, RejectedError

ADD = Rules(policy=Policy.ADD)
MANUAL = Rules(policy=Policy.MANUAL)
JAN = Buyer(email="jan@example.nl", person="Jan Voorbeeld")
DECIDED_AT = datetime(2026, 3, 1, tzinfo=UTC)


def relation(number: int, **changes: Any) -> Relation:
    values = {"relation_id": f"r{number}", "number": number, "name": f"Klant {number}"}
    return Relation(**{**values, **changes})


def collective(whose: CollectiveFor, policy: Policy = Policy.ADD) -> Rules:
    return Rules(policy=policy, collective=CollectiveDebtor(whose=whose, number=10000))


def linked(decision: Decision) -> tuple[int, Origin]:
    assert isinstance(decision, Link)
    return decision.relation.number, decision.origin


def refused(decision: Decision) -> str:
    assert isinstance(decision, Refuse)
    return decision.error.reason.text_key


class TestByEmail:
    @pytest.mark.parametrize("rules", [ADD, MANUAL])
    def test_one_active_match_is_linked_whatever_the_policy(self, rules: Rules) -> None:
        decision = decide(JAN, rules, Known(matches=(relation(7),)))
        assert linked(decision) == (7, Origin.MATCHED)

    @pytest.mark.parametrize(
        "unfit", [{"active": False}, {"role": RelationRole.OTHER}, {"role": RelationRole.SYSTEM}]
    )
    def test_a_relation_that_cannot_be_booked_on_does_not_count(self, unfit: dict[str, Any]) -> None:
        assert linked(decide(JAN, ADD, Known(matches=(relation(3, **unfit), relation(7)))))[0] == 7
        assert isinstance(decide(JAN, ADD, Known(matches=(relation(3, **unfit),))), Create)
        assert refused(decide(JAN, MANUAL, Known(matches=(relation(3, **unfit),)))) == "MANUAL_POLICY"

    def test_several_matches_are_for_a_person_with_three_suggestions(self) -> None:
        decision = decide(JAN, ADD, Known(matches=tuple(relation(number) for number in (9, 3, 5, 7))))
        assert refused(decision) == "AMBIGUOUS_CUSTOMER"
        assert isinstance(decision, Refuse)
        assert isinstance(decision.error, RejectedError)
        assert [suggestion["customer_number"] for suggestion in decision.error.suggestions] == ["3", "5", "7"]
        assert decision.error.suggestions[0] == {"customer_number": "3", "name": "Klant 3", "agreed": "email"}
        assert "Klant" not in str(decision.error)

    def test_no_match_is_created_or_left_to_a_person(self) -> None:
        assert decide(JAN, ADD, Known()) == Create()
        assert refused(decide(JAN, MANUAL, Known())) == "MANUAL_POLICY"

    def test_no_email_is_for_a_person(self) -> None:
        assert refused(decide(Buyer(email=None), ADD, Known())) == "NO_EMAIL"


class TestCollectiveDebtor:
    @pytest.mark.parametrize(
        ("whose", "email", "is_business", "takes"),
        [
            (CollectiveFor.NO_EMAIL, None, False, True),
            (CollectiveFor.NO_EMAIL, None, True, True),
            (CollectiveFor.NO_EMAIL, "a@example.nl", False, False),
            (CollectiveFor.CONSUMERS, "a@example.nl", False, True),
            (CollectiveFor.CONSUMERS, None, False, True),
            (CollectiveFor.CONSUMERS, "a@example.nl", True, False),
            (CollectiveFor.ALWAYS, "a@example.nl", True, True),
        ],
    )
    def test_whose_orders_it_takes(
        self, whose: CollectiveFor, email: str | None, is_business: bool, takes: bool
    ) -> None:
        known = Known(named=relation(10000), matches=(relation(7),))
        decision = decide(Buyer(email=email, is_business=is_business), collective(whose), known)
        assert linked(decision) == ((10000, Origin.COLLECTIVE) if takes else (7, Origin.MATCHED))

    @pytest.mark.parametrize("debtor", [None, relation(10000, active=False)])
    def test_one_that_cannot_be_booked_on_is_a_wrong_setting(self, debtor: Relation | None) -> None:
        decision = decide(JAN, collective(CollectiveFor.ALWAYS), Known(named=debtor))
        assert refused(decision) == "PROFILE_PAUSED.collective_debtor"
        assert isinstance(decision, Refuse)
        assert isinstance(decision.error, MisconfiguredError)


class TestCreditOrders:
    def test_the_originals_customer_comes_before_the_collective_debtor_and_the_email(self) -> None:
        known = Known(original=relation(5), named=relation(10000), matches=(relation(7),))
        decision = decide(JAN, collective(CollectiveFor.ALWAYS), known)
        assert linked(decision) == (5, Origin.CREDITED_ORDER)

    def test_an_inactive_original_is_passed_over(self) -> None:
        known = Known(original=relation(5, active=False), matches=(relation(7),))
        assert linked(decide(JAN, ADD, known)) == (7, Origin.MATCHED)


class TestDecisionsOfPeople:
    def test_a_named_customer_outranks_everything(self) -> None:
        known = Known(named=relation(4), original=relation(5), matches=(relation(7),))
        assert linked(decide(JAN, MANUAL, known, UseCustomer(number="4"))) == (4, Origin.DECIDED)

    @pytest.mark.parametrize(
        ("named", "variant"), [(None, "number_unknown"), (relation(4, active=False), "number_not_bookable")]
    )
    def test_a_number_that_is_of_no_use_is_said(self, named: Relation | None, variant: str) -> None:
        decision = decide(JAN, ADD, Known(named=named), UseCustomer(number="4"))
        assert refused(decision) == f"CUSTOMER_REFUSED.{variant}"

    @pytest.mark.parametrize("buyer", [JAN, Buyer(email=None, person="Jan Voorbeeld")])
    def test_create_outranks_the_policy_and_every_match(self, buyer: Buyer) -> None:
        known = Known(matches=(relation(7), relation(8)))
        decision = decide(buyer, MANUAL, known, CreateCustomer(decided_at=DECIDED_AT))
        assert decision == Create(decided_at=DECIDED_AT)


class TestReverseCharge:
    BELGIAN = VatNumber(number="BE0123456749", country_code="BE", valid=True)

    @pytest.mark.parametrize(
        ("vat_number", "country_code", "expected"),
        [
            (None, "BE", "MISSING_VAT_NUMBER"),
            (VatNumber(number="BE1", country_code="BE", valid=False), "BE", "INVALID_VAT_NUMBER"),
            (BELGIAN, "DE", "INVALID_VAT_NUMBER.other_country"),
        ],
    )
    @pytest.mark.parametrize("decision", [None, CreateCustomer(decided_at=DECIDED_AT)])
    def test_no_card_without_a_number_that_snelstart_takes(
        self, vat_number: VatNumber | None, country_code: str, expected: str, decision: CreateCustomer | None
    ) -> None:
        buyer = Buyer(
            email="a@example.be",
            address=Address(country_code=country_code),
            vat_number=vat_number,
            is_reverse_charged=True,
        )
        assert refused(decide(buyer, ADD, Known(), decision)) == expected

    def test_a_fitting_number_and_an_existing_card_go_on(self) -> None:
        buyer = Buyer(
            email="a@example.be",
            address=Address(country_code="BE"),
            vat_number=self.BELGIAN,
            is_reverse_charged=True,
        )
        assert decide(buyer, ADD, Known()) == Create()
        nothing_known = Buyer(email="a@example.be", is_reverse_charged=True)
        assert linked(decide(nothing_known, ADD, Known(matches=(relation(7),))))[0] == 7
