"""The buyer, the rules and the decision as they are read from messages and profiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_resolver.domain.buyers import VatNumber
from customer_resolver.domain.decisions import (
    CollectiveDebtor,
    CollectiveFor,
    CreateCustomer,
    Policy,
    Rules,
    UseCustomer,
)
from customer_resolver.handlers.buyers import read_buyer, read_decision, read_rules, read_vat_number
from customer_resolver_cases import address, decision, order
from factories import profile
from sconnect.contracts import Buyer, SalesOrder


class TestVatNumbers:
    @pytest.mark.parametrize(
        ("text", "country_code", "expected"),
        [
            ("NL000099998B57", "NL", VatNumber(number="NL000099998B57", country_code="NL", valid=True)),
            ("0000.99.998.b57", "NL", VatNumber(number="NL000099998B57", country_code="NL", valid=True)),
            ("be 0123.456.749", "BE", VatNumber(number="BE0123456749", country_code="BE", valid=True)),
            ("BE0123456748", "BE", VatNumber(number="BE0123456748", country_code="BE", valid=False)),
            ("DE123456788", "BE", VatNumber(number="DE123456788", country_code="DE", valid=True)),
            ("EL094259216", "GR", VatNumber(number="EL094259216", country_code="GR", valid=True)),
            ("094259216", "GR", VatNumber(number="EL094259216", country_code="GR", valid=True)),
            ("GB980780684", "GB", VatNumber(number="GB980780684", country_code="GB", valid=False)),
            ("onbekend", "NL", VatNumber(number="ONBEKEND", country_code="ON", valid=False)),
            ("12", "", VatNumber(number="12", country_code="12", valid=False)),
            (" - ", "NL", None),
            (None, "NL", None),
        ],
    )
    def test_number_with_its_countrys_letters(
        self, text: str | None, country_code: str, expected: VatNumber | None
    ) -> None:
        assert read_vat_number(text, country_code) == expected

    @given(st.text(), st.text(max_size=3))
    def test_nonsense_is_a_number_that_is_not_valid_or_none(self, text: str, country_code: str) -> None:
        read_vat_number(text, country_code)


class TestBuyers:
    def test_reads_the_invoice_address(self) -> None:
        invoice = address(
            company=" Voorbeeld  BV ", phone="+31600000001", bank_account="NL91 ABNA 0417 1643 00"
        )
        buyer = read_buyer(order(email=" A@EXAMPLE.nl", invoice=invoice))
        assert (buyer.email, buyer.company, buyer.person) == ("a@example.nl", "Voorbeeld BV", "Jan Voorbeeld")
        assert (buyer.address.street, buyer.address.house_number) == ("Voorbeeldstraat", "12")
        assert buyer.iban is not None
        assert (buyer.iban.number, buyer.iban.valid) == ("NL91ABNA0417164300", True)

    @pytest.mark.parametrize(
        ("company", "business_model", "expected"),
        [("", "B2C", False), (None, None, False), ("BV", "B2C", True), ("", "B2B", True), (" ", "b2b", True)],
    )
    def test_who_is_a_business(self, company: str | None, business_model: str | None, expected: bool) -> None:
        invoice = address(company=company)
        assert read_buyer(order(invoice=invoice, business_model=business_model)).is_business is expected

    def test_an_order_that_says_nothing_is_a_buyer_without_anything(self) -> None:
        empty = SalesOrder.model_validate({**order().model_dump(), "buyer": Buyer()})
        buyer = read_buyer(empty)
        assert (buyer.email, buyer.company, buyer.person, buyer.vat_number, buyer.iban) == (
            None,
            "",
            "",
            None,
            None,
        )

    @given(st.text(), st.text(), st.text(), st.text())
    def test_nothing_that_a_buyer_types_raises(self, name: str, email: str, account: str, vat: str) -> None:
        invoice = address(name=name, bank_account=account, vat_number=vat, country_code=vat)
        read_buyer(order(email=email, invoice=invoice))


class TestRules:
    def test_of_a_profile(self) -> None:
        changes = {"policy": "manual", "collective_debtor": {"for": "consumers", "number": 10000}}
        debtor = CollectiveDebtor(whose=CollectiveFor.CONSUMERS, number=10000)
        assert read_rules(profile(customers=changes)) == Rules(policy=Policy.MANUAL, collective=debtor)
        assert read_rules(profile()) == Rules(policy=Policy.ADD, collective=None)

    def test_decisions(self) -> None:
        create = decision("create_customer")
        assert read_decision(decision("use_customer", " 77 ")) == UseCustomer(number="77")
        assert read_decision(create) == CreateCustomer(decided_at=create.at)
        assert read_decision(decision("use_ledger", "8100")) is None
        assert read_decision(None) is None
