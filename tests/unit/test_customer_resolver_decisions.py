"""Which customer an order belongs to."""

from datetime import UTC, datetime, timedelta
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
from customer_resolver.domain.recognition import (
    Level,
    Linked,
    Manual,
    New,
    Recognition,
    Suggestion,
    Threshold,
    Trace,
)
from customer_resolver.domain.relations import Relation
from sconnect.errors import MisconfiguredError, RejectedError

ADD = Rules(policy=Policy.ADD)
ADD_AND_UPDATE = Rules(policy=Policy.ADD_AND_UPDATE)
MANUAL = Rules(policy=Policy.MANUAL)
JAN = Buyer(email="jan@example.nl", person="Jan Voorbeeld")
DECIDED_AT = datetime(2026, 3, 1, tzinfo=UTC)


NOTHING = Trace(recognition=Recognition.EMAIL, threshold=Threshold.STRICT, relation_count=0)
NOBODY = New(reasons=("new.email_unknown",), trace=NOTHING)


def relation(number: int, **changes: Any) -> Relation:
    values = {"relation_id": f"r{number}", "number": number, "name": f"Klant {number}"}
    return Relation(**{**values, **changes})


def recognised(number: int) -> Linked:
    levels = (Level.EMAIL_EQUAL,)
    return Linked(relation=relation(number), levels=levels, differs=(Level.PHONE_DIFFERS,), trace=NOTHING)


def unsure(*numbers: int, reason: str = "manual.several") -> Manual:
    return Manual(
        reasons=(reason,),
        suggestions=tuple(
            Suggestion(relation=relation(number), agrees=(Level.EMAIL_EQUAL,)) for number in numbers
        ),
        details={"first": str(numbers[0])},
        trace=NOTHING,
    )


def known(**values: Any) -> Known:
    return Known(**{"recognised": NOBODY, **values})


def collective(whose: CollectiveFor, policy: Policy = Policy.ADD) -> Rules:
    return Rules(policy=policy, collective=CollectiveDebtor(whose=whose, number=10000))


def linked(decision: Decision) -> tuple[int, Origin]:
    assert isinstance(decision, Link)
    return decision.relation.number, decision.origin


def rejected(decision: Decision) -> RejectedError:
    assert isinstance(decision, Refuse)
    assert isinstance(decision.error, RejectedError)
    return decision.error


def refused(decision: Decision) -> str:
    assert isinstance(decision, Refuse)
    return decision.error.reason.text_key


class TestRecognised:
    @pytest.mark.parametrize("rules", [ADD, ADD_AND_UPDATE, MANUAL])
    def test_who_is_recognised_is_linked_whatever_the_policy(self, rules: Rules) -> None:
        decision = decide(JAN, rules, known(recognised=recognised(7)))
        assert linked(decision) == (7, Origin.MATCHED)
        assert isinstance(decision, Link)
        assert (decision.levels, decision.differs) == (("email.equal",), ("phone.differs",))

    @pytest.mark.parametrize(
        ("reason", "numbers", "code"),
        [
            ("manual.several", (3, 5, 7), "AMBIGUOUS_CUSTOMER"),
            ("manual.tie", (3, 5), "AMBIGUOUS_CUSTOMER.alike"),
            ("manual.duplicate", (3, 5), "AMBIGUOUS_CUSTOMER.alike"),
            ("manual.housemate", (3, 5), "NO_CERTAIN_MATCH"),
            ("manual.inactive", (3,), "NO_CERTAIN_MATCH"),
        ],
    )
    @pytest.mark.parametrize("rules", [ADD, MANUAL])
    def test_who_is_unsure_is_for_a_person_with_the_suggestions(
        self, rules: Rules, reason: str, numbers: tuple[int, ...], code: str
    ) -> None:
        decision = decide(JAN, rules, known(recognised=unsure(*numbers, reason=reason)))
        assert refused(decision) == code
        error = rejected(decision)
        assert error.reason.details["why"] == reason
        assert [each["customer_number"] for each in error.suggestions] == [str(number) for number in numbers]
        assert error.suggestions[0] == {
            "customer_id": f"r{numbers[0]}",
            "customer_number": str(numbers[0]),
            "name": f"Klant {numbers[0]}",
            "agreed": "email.equal",
        }
        assert "Klant" not in str(error)

    def test_nobody_is_created_or_left_to_a_person(self) -> None:
        assert decide(JAN, ADD, known()) == Create(levels=("new.email_unknown",), trace=NOTHING)
        decision = decide(JAN, MANUAL, known())
        assert refused(decision) == "MANUAL_POLICY"
        assert rejected(decision).reason.details["why"] == "new.email_unknown"

    def test_no_email_is_for_a_person_where_the_email_recognises(self) -> None:
        assert refused(decide(Buyer(email=None), ADD, known())) == "NO_EMAIL"

    @pytest.mark.parametrize("way", [Recognition.SMART, Recognition.CUSTOMER_CODE])
    def test_elsewhere_a_name_and_a_door_are_enough_for_a_card(self, way: Recognition) -> None:
        rules = Rules(policy=Policy.ADD, recognition=way)
        door = Address(postcode="1234AB", house_number="1")
        assert isinstance(decide(Buyer(email=None, person="Jan", address=door), rules, known()), Create)
        assert refused(decide(Buyer(email=None, person="Jan"), rules, known())) == "NO_EMAIL"
        assert refused(decide(Buyer(email=None, address=door), rules, known())) == "NO_EMAIL"


class TestRemembered:
    @pytest.mark.parametrize("rules", [ADD, MANUAL])
    def test_comes_before_recognition(self, rules: Rules) -> None:
        decision = decide(JAN, rules, known(remembered=relation(4), recognised=recognised(7)))
        assert linked(decision) == (4, Origin.REMEMBERED)

    def test_comes_after_the_profiles_collective_debtor(self) -> None:
        facts = known(named=relation(10000), remembered=relation(4))
        assert linked(decide(JAN, collective(CollectiveFor.ALWAYS), facts)) == (10000, Origin.COLLECTIVE)

    def test_an_inactive_one_does_not_count(self) -> None:
        facts = known(remembered=relation(4, active=False), recognised=recognised(7))
        assert linked(decide(JAN, ADD, facts)) == (7, Origin.MATCHED)

    def test_who_was_turned_down_before_is_not_linked(self) -> None:
        decision = decide(JAN, ADD, known(turned_down=frozenset({"r7"}), recognised=recognised(7)))
        assert refused(decision) == "NO_CERTAIN_MATCH"
        assert rejected(decision).reason.details["why"] == "turned_down"
        assert [each["customer_number"] for each in rejected(decision).suggestions] == ["7"]

    def test_nor_suggested_first(self) -> None:
        decision = decide(JAN, ADD, known(turned_down=frozenset({"r3"}), recognised=unsure(3, 5)))
        assert [each["customer_number"] for each in rejected(decision).suggestions] == ["5", "3"]

    def test_a_card_made_since_the_decision_serves_it(self) -> None:
        create = CreateCustomer(decided_at=DECIDED_AT)
        since = known(remembered=relation(4), remembered_at=DECIDED_AT)
        assert linked(decide(JAN, ADD, since, create)) == (4, Origin.REMEMBERED)
        before = known(remembered=relation(4), remembered_at=DECIDED_AT - timedelta(seconds=1))
        assert isinstance(decide(JAN, ADD, before, create), Create)


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
        facts = known(named=relation(10000), recognised=recognised(7))
        decision = decide(Buyer(email=email, is_business=is_business), collective(whose), facts)
        assert linked(decision) == ((10000, Origin.COLLECTIVE) if takes else (7, Origin.MATCHED))

    @pytest.mark.parametrize("debtor", [None, relation(10000, active=False)])
    def test_one_that_cannot_be_booked_on_is_a_wrong_setting(self, debtor: Relation | None) -> None:
        decision = decide(JAN, collective(CollectiveFor.ALWAYS), known(named=debtor))
        assert refused(decision) == "PROFILE_PAUSED.collective_debtor"
        assert isinstance(decision, Refuse)
        assert isinstance(decision.error, MisconfiguredError)


class TestCreditOrders:
    def test_the_originals_customer_comes_before_the_collective_debtor_and_the_email(self) -> None:
        facts = known(original=relation(5), named=relation(10000), recognised=recognised(7))
        decision = decide(JAN, collective(CollectiveFor.ALWAYS), facts)
        assert linked(decision) == (5, Origin.CREDITED_ORDER)

    def test_an_inactive_original_is_passed_over(self) -> None:
        facts = known(original=relation(5, active=False), recognised=recognised(7))
        assert linked(decide(JAN, ADD, facts)) == (7, Origin.MATCHED)


class TestDecisionsOfPeople:
    def test_a_named_customer_outranks_everything(self) -> None:
        facts = known(named=relation(4), original=relation(5), recognised=recognised(7))
        assert linked(decide(JAN, MANUAL, facts, UseCustomer(number="4"))) == (4, Origin.DECIDED)

    @pytest.mark.parametrize(
        ("named", "variant"), [(None, "number_unknown"), (relation(4, active=False), "number_not_bookable")]
    )
    def test_a_number_that_is_of_no_use_is_said(self, named: Relation | None, variant: str) -> None:
        decision = decide(JAN, ADD, known(named=named), UseCustomer(number="4"))
        assert refused(decision) == f"CUSTOMER_REFUSED.{variant}"

    @pytest.mark.parametrize("buyer", [JAN, Buyer(email=None, person="Jan Voorbeeld")])
    def test_create_outranks_the_policy_and_every_match(self, buyer: Buyer) -> None:
        facts = known(recognised=unsure(7, 8))
        decision = decide(buyer, MANUAL, facts, CreateCustomer(decided_at=DECIDED_AT))
        passed_over = frozenset({"r7", "r8"})
        assert decision == Create(levels=("decided",), decided_at=DECIDED_AT, passed_over=passed_over)


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
        assert refused(decide(buyer, ADD, known(), decision)) == expected

    def test_a_fitting_number_and_an_existing_card_go_on(self) -> None:
        buyer = Buyer(
            email="a@example.be",
            address=Address(country_code="BE"),
            vat_number=self.BELGIAN,
            is_reverse_charged=True,
        )
        assert isinstance(decide(buyer, ADD, known()), Create)
        nothing_known = Buyer(email="a@example.be", is_reverse_charged=True)
        assert linked(decide(nothing_known, ADD, known(recognised=recognised(7))))[0] == 7
