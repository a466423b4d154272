"""The relations of an administration: the fake one, and SnelStart's API as its simulator plays it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

import pytest
import pytest_asyncio

from customer_resolver.adapters.snelstart_customers import SnelstartDirectories
from customer_resolver.domain.cards import CardAddress, CardField, NewCard
from customer_resolver.domain.relations import Relation, RelationRole
from customer_resolver.ports import CardGone, CardRefused, CustomerDirectory, NumberTaken
from customer_resolver_cases import relation
from factories import stored_profile
from fakes_customer_resolver import FakeDirectory
from sconnect.clock import SystemClock
from sconnect.errors import RateLimited, UpstreamUnavailable
from sconnect.http import HttpLimits, create_http_client
from sconnect.snelstart import SnelstartSessions
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

CARD = NewCard(
    name="Jan 😀 Voorbeeld",
    email="jan@example.nl",
    phone="+31600000001",
    vat_number="BE0123456749",
    iban="NL91ABNA0417164300",
    address=CardAddress(
        contact="Jan Voorbeeld",
        street="Voorbeeldstraat 1",
        postcode="2000",
        city="Antwerpen",
        country_code="BE",
    ),
)


class Administration(Protocol):
    """What a test does by hand in the administration."""

    @property
    def directory(self) -> CustomerDirectory: ...

    def add(self, relation: Relation) -> None: ...


@dataclass
class Invented:
    directory: FakeDirectory

    def add(self, relation: Relation) -> None:
        self.directory.add(relation)


@dataclass
class Simulated:
    directory: CustomerDirectory
    driver: AdministrationDriver

    def add(self, relation: Relation) -> None:
        kinds = {
            RelationRole.CUSTOMER: "Klant",
            RelationRole.OTHER: "Leverancier",
            RelationRole.SYSTEM: "Eigen",
        }
        self.driver.add_customer(
            relatiecode=relation.number,
            naam=relation.name,
            relatiesoort=[kinds[relation.role]],
            email=";".join(relation.emails[:1]),
            factuurEmailVersturen={"shouldSend": True, "email": "; ".join(relation.emails[1:])},
            nonactief=not relation.active,
        )


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    with running(create_app(system_clock)) as url:
        yield url


@pytest_asyncio.fixture
async def simulated(simulator_url: str) -> AsyncIterator[Simulated]:
    async with create_http_client(HttpLimits(), allow_local_apis=True) as client:
        with AdministrationDriver(simulator_url) as driver:
            driver.control("POST", "/reset")
            driver.open()
            keys = {"connection_key": driver.connection_key, "subscription_key": driver.subscription_key}
            profile = stored_profile(snelstart_url=simulator_url, bookkeeping=keys)
            directories = SnelstartDirectories(SnelstartSessions(client, SystemClock()))
            yield Simulated(directories(profile), driver)


@pytest.fixture(params=["fake", "simulator"])
def administration(request: pytest.FixtureRequest) -> Administration:
    if request.param == "fake":
        return Invented(FakeDirectory(SystemClock()))
    simulated: Simulated = request.getfixturevalue("simulated")
    return simulated


async def everything(directory: CustomerDirectory, **since: Any) -> dict[int, Relation]:
    pages = [page async for page in directory.relations(**since)]
    return {each.number: each for page in pages for each in page if each.number > 0}


async def test_knows_countries_by_two_letters(administration: Administration) -> None:
    assert {"NL", "BE", "DE", "GR"} <= await administration.directory.country_codes()


async def test_tells_which_administration_it_is(administration: Administration) -> None:
    first = await administration.directory.administration_id()
    assert first == await administration.directory.administration_id() != ""


async def test_makes_a_card_and_finds_it_again(administration: Administration) -> None:
    made = await administration.directory.create(CARD, 10412)
    assert (made.number, made.name, made.emails) == (10412, CARD.name, ("jan@example.nl",))
    assert (made.postcode, made.country_code, made.vat_number) == ("2000", "BE", "BE0123456749")
    assert made.bookable
    assert CARD.became(made)
    assert await administration.directory.find_by_number(10412) == made
    assert (await everything(administration.directory))[10412] == made


async def test_makes_the_smallest_card(administration: Administration) -> None:
    made = await administration.directory.create(NewCard(name="Jan"), 10412)
    assert NewCard(name="Jan").became(made)


OTHER_ADDRESS = CardAddress(
    contact="", street="Andere Kade 2 b", postcode="9000", city="Gent", country_code="BE"
)


async def test_changes_the_parts_it_is_given_and_no_others(administration: Administration) -> None:
    made = await administration.directory.create(CARD, 10412)
    card = await administration.directory.read_card(made.relation_id)
    assert (card.relation, card.can_be_written) == (made, True)
    values: dict[str, str | CardAddress] = {
        "name": "Jan P. Voorbeeld",
        CardField.ADDRESS: OTHER_ADDRESS,
        CardField.EMAIL: "jp@example.nl",
    }
    changed = await administration.directory.update(card, values)
    assert (changed.number, changed.name, changed.emails) == (10412, "Jan P. Voorbeeld", ("jp@example.nl",))
    assert (changed.address.street, changed.postcode, changed.address.contact) == (
        "Andere Kade 2 b",
        "9000",
        "Jan Voorbeeld",
    )
    assert (changed.phones, changed.vat_number, changed.iban) == (made.phones, made.vat_number, made.iban)
    assert await administration.directory.find_by_number(10412) == changed


async def test_a_change_that_is_refused_changes_nothing(administration: Administration) -> None:
    made = await administration.directory.create(CARD, 10412)
    if isinstance(administration, Invented):
        administration.directory.refuses = {CardField.IBAN}
    card = await administration.directory.read_card(made.relation_id)
    values: dict[str, str | CardAddress] = {
        CardField.IBAN: "NL00ABNA0417164300",
        CardField.EMAIL: "nieuw@example.nl",
    }
    with pytest.raises(CardRefused) as caught:
        await administration.directory.update(card, values)
    assert caught.value.fields == {CardField.IBAN}
    assert await administration.directory.find_by_number(10412) == made


async def test_a_card_that_is_gone_or_inactive_cannot_be_read(administration: Administration) -> None:
    administration.add(relation(10412, active=False))
    there = await administration.directory.find_by_number(10412)
    assert there is not None
    for relation_id in (there.relation_id, "3f2504e0-4f89-41d3-9a0c-0305e82c3301"):
        with pytest.raises(CardGone):
            await administration.directory.read_card(relation_id)


async def test_refuses_a_number_that_is_in_use(administration: Administration) -> None:
    administration.add(relation(10412))
    with pytest.raises(NumberTaken):
        await administration.directory.create(CARD, 10412)
    found = await administration.directory.find_by_number(10412)
    assert found is not None
    assert not CARD.became(found)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"iban": "NL00ABNA0417164300"}, {CardField.IBAN}),
        ({"vat_number": "BE0123456748"}, {CardField.VAT_NUMBER}),
        ({"vat_number": "BE1", "iban": "X1"}, {CardField.IBAN, CardField.VAT_NUMBER}),
    ],
)
async def test_names_the_parts_that_it_refuses(
    administration: Administration, change: dict[str, Any], fields: set[CardField]
) -> None:
    with pytest.raises(CardRefused) as caught:
        await administration.directory.create(replace(CARD, **change), 10412)
    assert caught.value.fields == fields
    assert await administration.directory.find_by_number(10412) is None


async def test_reads_who_may_be_booked_on(administration: Administration) -> None:
    administration.add(relation(1))
    administration.add(relation(2, role=RelationRole.OTHER))
    administration.add(relation(3, active=False))
    administration.add(relation(4, role=RelationRole.SYSTEM))
    found = await everything(administration.directory)
    assert [found[number].bookable for number in (1, 2, 3, 4)] == [True, False, False, False]


async def test_reads_every_address_of_a_customer(administration: Administration) -> None:
    administration.add(relation(1, emails=("a@example.nl", "b@example.nl", "c@example.nl")))
    assert (await everything(administration.directory))[1].emails == (
        "a@example.nl",
        "b@example.nl",
        "c@example.nl",
    )


async def test_reads_what_changed_since(administration: Administration) -> None:
    administration.add(relation(1))
    now = SystemClock().now()
    assert 1 in await everything(administration.directory, modified_since=now - timedelta(hours=3))
    assert await everything(administration.directory, modified_since=now + timedelta(hours=3)) == {}


class TestSnelstart:
    """What only the API does."""

    async def test_addresses_of_mail_settings_and_lists_are_split_and_folded(
        self, simulated: Simulated
    ) -> None:
        simulated.driver.add_customer(
            relatiecode=1,
            email=" A@Example.nl ;b@example.nl; geen adres",
            aanmaningEmailVersturen={"email": "b@example.nl;C@example.nl", "ccEmail": "d@example.nl"},
            bestellingEmailVersturen={"email": "e@example.nl"},
        )
        assert (await everything(simulated.directory))[1].emails == (
            "a@example.nl",
            "b@example.nl",
            "c@example.nl",
        )

    async def test_system_relations_are_marked(self, simulated: Simulated) -> None:
        roles = {each.role for page in [p async for p in simulated.directory.relations()] for each in page}
        assert roles == {RelationRole.SYSTEM}

    async def test_reads_more_than_a_page(self, simulated: Simulated) -> None:
        rows = [{"naam": f"Klant {number}", "relatiecode": number} for number in range(1, 621)]
        simulated.driver.command("POST", "/relations", rows)
        assert len(await everything(simulated.directory)) == 620

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"vat_number": "NL000099998B57"}, {CardField.VAT_NUMBER}),
            ({"email": "jan@example"}, {CardField.EMAIL}),
            ({"phone": "0" * 26}, {CardField.PHONE}),
            ({"iban": "X" * 51}, {CardField.IBAN}),
            ({"address": replace(CARD.address, street="x" * 51)}, {CardField.ADDRESS}),  # type: ignore[type-var]
            ({"name": ""}, set()),
            ({"name": "x" * 51, "iban": "X1"}, set()),
        ],
    )
    async def test_each_refusal_is_about_a_part_or_about_the_card(
        self, simulated: Simulated, changes: dict[str, Any], fields: set[CardField]
    ) -> None:
        with pytest.raises(CardRefused) as caught:
            await simulated.directory.create(replace(CARD, **changes), 10412)
        assert caught.value.fields == fields
        assert caught.value.message

    async def test_a_refusal_does_not_repeat_the_buyers_data(self, simulated: Simulated) -> None:
        body = [{"errorCode": "REL-0007", "message": "De naam Jan 😀 Voorbeeld (jan@example.nl) mag niet"}]
        simulated.driver.add_fault("status", method="POST", path="/relaties", status=400, body=body)
        with pytest.raises(CardRefused) as caught:
            await simulated.directory.create(CARD, 10412)
        assert (caught.value.code, caught.value.message) == ("REL-0007", "De naam … (…) mag niet")

    async def test_a_number_in_use_outweighs_other_complaints(self, simulated: Simulated) -> None:
        simulated.add(relation(10412))
        with pytest.raises(NumberTaken):
            await simulated.directory.create(replace(CARD, iban="X1"), 10412)

    @pytest.mark.parametrize(
        ("number", "property_name"), [("+31612345678", "mobieleTelefoon"), ("+31301234567", "telefoon")]
    )
    async def test_a_new_card_gets_its_number_where_it_belongs(
        self, simulated: Simulated, number: str, property_name: str
    ) -> None:
        await simulated.directory.create(replace(CARD, phone=number), 10412)
        (row,) = simulated.driver.rows("/relaties?$filter=Relatiecode eq 10412")
        assert {name: row.get(name) for name in ("telefoon", "mobieleTelefoon") if row.get(name)} == {
            property_name: number
        }

    @pytest.mark.parametrize("kind", ["cut_after_commit", "truncate"])
    async def test_an_answer_that_is_lost_leaves_the_outcome_unknown(
        self, simulated: Simulated, kind: str
    ) -> None:
        await simulated.directory.country_codes()
        simulated.driver.add_fault(kind, method="POST", path="/relaties")
        with pytest.raises(UpstreamUnavailable) as caught:
            await simulated.directory.create(CARD, 10412)
        assert caught.value.outcome_unknown
        assert await simulated.directory.find_by_number(10412) is not None

    async def test_an_answer_without_an_id_leaves_the_outcome_unknown(self, simulated: Simulated) -> None:
        simulated.driver.add_fault(
            "status", method="POST", path="/relaties", status=201, body={"naam": "Jan"}
        )
        with pytest.raises(UpstreamUnavailable) as caught:
            await simulated.directory.create(CARD, 10412)
        assert caught.value.outcome_unknown

    async def test_asked_to_slow_down(self, simulated: Simulated) -> None:
        simulated.driver.add_fault("status", method="POST", path="/relaties", status=429, retry_after="7")
        with pytest.raises(RateLimited) as caught:
            await simulated.directory.create(CARD, 10412)
        assert caught.value.retry_after_seconds == 7

    async def test_a_row_that_is_no_relation_is_trouble_that_may_pass(self, simulated: Simulated) -> None:
        simulated.driver.add_fault(
            "status", path="/relaties", status=200, body=[{"id": "x", "relatiecode": "?"}]
        )
        with pytest.raises(UpstreamUnavailable):
            await everything(simulated.directory)

    async def test_a_new_version_of_a_profile_opens_anew(self, simulator_url: str) -> None:
        async with create_http_client(HttpLimits(), allow_local_apis=True) as client:
            directories = SnelstartDirectories(SnelstartSessions(client, SystemClock()))
            first = directories(stored_profile(version=1))
            assert directories(stored_profile(version=1)) is first
            assert directories(stored_profile(version=2)) is not first


class TestWritingACard:
    """What only SnelStart's own record of a card can show."""

    async def read(self, simulated: Simulated, **content: Any) -> Any:
        simulated.driver.add_customer(relatiecode=10412, naam="Jan Voorbeeld", **content)
        found = await simulated.directory.find_by_number(10412)
        assert found is not None
        return await simulated.directory.read_card(found.relation_id)

    def row(self, simulated: Simulated) -> dict[str, Any]:
        (row,) = simulated.driver.rows("/relaties?$filter=Relatiecode eq 10412")
        return {name: value for name, value in row.items() if name not in ("modifiedOn", "id")}

    async def test_a_card_with_a_fax_number_cannot_be_written_back(self, simulated: Simulated) -> None:
        assert not (await self.read(simulated, fax="030 000 00 09")).can_be_written

    async def test_all_else_is_written_back_as_it_was(self, simulated: Simulated) -> None:
        card = await self.read(
            simulated,
            memo="Betaalt altijd laat",
            krediettermijn=14,
            kredietLimiet=2500.50,
            factuurkorting=1.25,
            kvkNummer="12345678",
            btwNummer="000099998B57",
            websiteUrl="https://example.nl",
            correspondentieAdres={"straat": "Postbus 7", "postcode": "3500AA", "plaats": "Utrecht"},
            factuurEmailVersturen={"shouldSend": True, "email": "facturen@example.nl"},
            aanmaningsoort="Onderneming",
        )
        before = self.row(simulated)
        await simulated.directory.update(card, {CardField.EMAIL: "jan@example.nl"})
        assert self.row(simulated) == {**before, "email": "jan@example.nl"}

    @pytest.mark.parametrize(
        ("there", "number", "expected"),
        [
            ({}, "0300000001", ("0300000001", None)),
            ({}, "0612345678", (None, "0612345678")),
            ({"telefoon": "0300000001"}, "0612345678", ("0300000001", "0612345678")),
            ({"telefoon": "0300000001"}, "0300000002", ("0300000002", None)),
        ],
    )
    async def test_a_mobile_number_has_a_place_of_its_own(
        self, simulated: Simulated, there: dict[str, str], number: str, expected: tuple[str, str | None]
    ) -> None:
        card = await self.read(simulated, **there)
        await simulated.directory.update(card, {CardField.PHONE: number})
        row = self.row(simulated)
        assert (row.get("telefoon"), row.get("mobieleTelefoon")) == expected
