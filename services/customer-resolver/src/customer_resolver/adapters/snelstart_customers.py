"""Relations of a SnelStart administration as customers of ours: the one place with their Dutch names."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from customer_resolver.adapters.snelstart_cards import (
    card_refused,
    merge_card,
    texts_of_card,
    texts_of_values,
    write_card,
)
from customer_resolver.domain.cards import CardAddress, NewCard
from customer_resolver.domain.emails import split_emails
from customer_resolver.domain.relations import Relation, RelationAddress, RelationRole
from customer_resolver.domain.wording import tidy
from customer_resolver.ports import CardGone, ExistingCard, NumberTaken
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.profiles import StoredProfile
from sconnect.snelstart import (
    SnelstartDirectory,
    SnelstartNotFound,
    SnelstartRefused,
    SnelstartSession,
    SnelstartSessions,
    odata,
)

RELATIONS_PATH = "/relaties"
NUMBER_IN_USE = "REL-0008"

# A customer's mail settings: their addresses are the customer's as well. Those for purchases are not.
_MAIL_SETTINGS = (
    "offerteEmailVersturen",
    "bevestigingsEmailVersturen",
    "factuurEmailVersturen",
    "aanmaningEmailVersturen",
)


class SnelstartCustomers:
    """A CustomerDirectory over the B2B API. The countries are read once: they hardly ever change."""

    def __init__(self, session: SnelstartSession) -> None:
        self._session = session
        self._directory = SnelstartDirectory(session)
        self._country_ids: dict[str, str] = {}

    async def administration_id(self) -> str:
        return (await self._directory.company_info()).administration_id

    async def country_codes(self) -> frozenset[str]:
        return frozenset(await self._ids_by_country_code())

    async def relations(self, *, modified_since: datetime | None = None) -> AsyncIterator[Sequence[Relation]]:
        codes = {country_id: code for code, country_id in (await self._ids_by_country_code()).items()}
        condition = None if modified_since is None else f"ModifiedOn ge {odata.moment(modified_since)}"
        async for page in self._session.pages(RELATIONS_PATH, filter=condition):
            yield [read_relation(row, codes) for row in page]

    async def find_by_number(self, number: int) -> Relation | None:
        codes = {country_id: code for code, country_id in (await self._ids_by_country_code()).items()}
        rows = await self._session.get_all(RELATIONS_PATH, filter=f"Relatiecode eq {number}")
        found = [read_relation(row, codes) for row in rows]
        return next((relation for relation in found if relation.number == number), None)

    async def create(self, card: NewCard, number: int) -> Relation:
        country_ids = await self._ids_by_country_code()
        body = write_card(card, number, country_ids)
        try:
            row = await self._session.post(RELATIONS_PATH, body)
        except SnelstartRefused as refusal:
            if NUMBER_IN_USE in refusal.codes:
                raise NumberTaken(f"number {number} is in use") from None
            raise card_refused(refusal, texts_of_card(card)) from None
        return self._written(row, country_ids)

    async def read_card(self, relation_id: str) -> ExistingCard:
        codes = {country_id: code for code, country_id in (await self._ids_by_country_code()).items()}
        try:
            row = await self._session.get(_path_of(relation_id))
        except SnelstartNotFound:
            raise CardGone(f"relation {relation_id} is gone") from None
        relation = read_relation(row, codes)
        if not relation.active:
            raise CardGone(f"relation {relation_id} is not active")
        # The model that is written has no fax: a PUT erases it.
        return ExistingCard(relation=relation, can_be_written=not _words(row.get("fax")), content=row)

    async def update(self, card: ExistingCard, values: Mapping[str, str | CardAddress]) -> Relation:
        country_ids = await self._ids_by_country_code()
        body = merge_card(card, values, country_ids)
        try:
            row = await self._session.put(_path_of(card.relation.relation_id), body)
        except SnelstartNotFound:
            raise CardGone(f"relation {card.relation.relation_id} is gone") from None
        except SnelstartRefused as refusal:
            raise card_refused(refusal, texts_of_values(values)) from None
        return self._written(row, country_ids)

    def _written(self, row: Any, country_ids: Mapping[str, str]) -> Relation:
        codes = {country_id: code for code, country_id in country_ids.items()}
        try:
            return read_relation(row, codes)
        except UpstreamUnavailable as error:
            # The card was written all the same: only its answer is of no use.
            raise UpstreamUnavailable(error.reason, outcome_unknown=True) from None

    async def _ids_by_country_code(self) -> Mapping[str, str]:
        if not self._country_ids:
            self._country_ids = {country.code: country.id for country in await self._directory.countries()}
        return self._country_ids


def _path_of(relation_id: str) -> str:
    return f"{RELATIONS_PATH}/{quote(relation_id, safe='')}"


class SnelstartDirectories:
    """Opens a profile's administration; one directory per version of a profile."""

    def __init__(self, sessions: SnelstartSessions) -> None:
        self._sessions = sessions
        self._open: dict[str, tuple[int, SnelstartCustomers]] = {}

    def __call__(self, profile: StoredProfile) -> SnelstartCustomers:
        name = profile.profile.name
        version, customers = self._open.get(name, (0, None))
        if customers is None or version != profile.version:
            customers = SnelstartCustomers(self._sessions.of(profile))
            self._open[name] = (profile.version, customers)
        return customers


def read_relation(row: Any, country_codes: Mapping[str, str]) -> Relation:
    """One relation as the API gives it; `country_codes` by the id of the land.

    UpstreamUnavailable when it is no relation at all; a part that is missing or odd is empty.
    """
    try:
        number = int(row.get("relatiecode") or 0)
        return Relation(
            relation_id=str(row["id"]),
            number=number,
            name=_words(row.get("naam")),
            emails=_read_emails(row),
            phones=tuple(filter(None, (_words(row.get("telefoon")), _words(row.get("mobieleTelefoon"))))),
            address=_read_address(row.get("vestigingsAdres"), country_codes),
            correspondence=_read_address(row.get("correspondentieAdres"), country_codes),
            vat_number=_words(row.get("btwNummer")) or None,
            coc_number=_words(row.get("kvkNummer")) or None,
            iban=_words(row.get("iban")) or None,
            active=not row.get("nonactief"),
            role=_read_role(number, row.get("relatiesoort") or ()),
            invoice_relation_id=_identity(row.get("factuurRelatie")),
            modified_on=_read_moment(row.get("modifiedOn")),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        details = {"host": "SnelStart", "part": "relation"}
        reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="unreadable_answer", details=details)
        raise UpstreamUnavailable(reason) from None


def _read_address(value: Any, country_codes: Mapping[str, str]) -> RelationAddress:
    address = value or {}
    return RelationAddress(
        contact=_words(address.get("contactpersoon")),
        street=_words(address.get("straat")),
        postcode=_words(address.get("postcode")),
        city=_words(address.get("plaats")),
        country_code=country_codes.get(_identity(address.get("land")) or "", ""),
    )


def _identity(reference: Any) -> str | None:
    """The id in `{"id": …, "uri": …}`."""
    identity = (reference or {}).get("id")
    return str(identity) if identity else None


def _words(value: Any) -> str:
    return tidy(None if value is None else str(value))


def _read_emails(row: Mapping[str, Any]) -> tuple[str, ...]:
    texts = [row.get("email"), *((row.get(name) or {}).get("email") for name in _MAIL_SETTINGS)]
    return tuple(dict.fromkeys(email for text in texts for email in split_emails(text)))


def _read_role(number: int, kinds: Sequence[str]) -> RelationRole:
    """Negative numbers are "Klant onbekend" and "Leverancier onbekend", Eigen is the company itself."""
    if number <= 0 or "Eigen" in kinds:
        return RelationRole.SYSTEM
    return RelationRole.CUSTOMER if "Klant" in kinds else RelationRole.OTHER


def _read_moment(text: str | None) -> datetime | None:
    """SnelStart's stamps have no zone and only serve to be shown: one that cannot be read is no trouble."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
