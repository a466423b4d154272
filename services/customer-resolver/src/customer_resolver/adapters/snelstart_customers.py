"""Relations of a SnelStart administration as customers of ours: the one place with their Dutch names."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from customer_resolver.domain.cards import CardField, NewCard
from customer_resolver.domain.emails import split_emails
from customer_resolver.domain.relations import Relation, RelationAddress, RelationRole
from customer_resolver.domain.wording import tidy
from customer_resolver.ports import CardRefused, NumberTaken
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.profiles import StoredProfile
from sconnect.snelstart import (
    SnelstartDirectory,
    SnelstartRefused,
    SnelstartSession,
    SnelstartSessions,
    VendorProblem,
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

# SnelStart developer portal, foutcodes: which part of a card a refusal is about.
_FIELD_OF_CODE = {
    **dict.fromkeys(("REL-0057", "REL-0058", "REL-0059", "REL-0087", "REL-0088"), CardField.VAT_NUMBER),
    **dict.fromkeys(("REL-0011",), CardField.IBAN),
    **dict.fromkeys(("REL-0012", "REL-0013"), CardField.PHONE),
    **dict.fromkeys(
        ("REL-0020", "REL-0021", "REL-0022", "REL-0023", "REL-0055", "REL-0060"), CardField.ADDRESS
    ),
    "REL-0061": CardField.EMAIL,
}
# Refusals of the model binder have no code but name the property: "relatie.vestigingsAdres.straat".
_FIELD_OF_PROPERTY = {
    "btwnummer": CardField.VAT_NUMBER,
    "iban": CardField.IBAN,
    "telefoon": CardField.PHONE,
    "vestigingsadres": CardField.ADDRESS,
    "email": CardField.EMAIL,
}
SHORTEST_VALUE_HIDDEN = 3


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
        body = _write_card(card, number, country_ids)
        try:
            row = await self._session.post(RELATIONS_PATH, body)
        except SnelstartRefused as refusal:
            if NUMBER_IN_USE in refusal.codes:
                raise NumberTaken(f"number {number} is in use") from None
            raise _card_refused(refusal, card) from None
        codes = {country_id: code for code, country_id in country_ids.items()}
        try:
            return read_relation(row, codes)
        except UpstreamUnavailable as error:
            # The card was made all the same: only its answer is of no use.
            raise UpstreamUnavailable(error.reason, outcome_unknown=True) from None

    async def _ids_by_country_code(self) -> Mapping[str, str]:
        if not self._country_ids:
            self._country_ids = {country.code: country.id for country in await self._directory.countries()}
        return self._country_ids


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


def _write_card(card: NewCard, number: int, country_ids: Mapping[str, str]) -> dict[str, Any]:
    body = {
        "relatiesoort": ["Klant"],
        "relatiecode": number,
        "naam": card.name,
        "email": card.email,
        "telefoon": card.phone,
        "btwNummer": card.vat_number,
        "iban": card.iban,
        "vestigingsAdres": _write_address(card, country_ids),
    }
    return {name: value for name, value in body.items() if value is not None}


def _write_address(card: NewCard, country_ids: Mapping[str, str]) -> dict[str, Any] | None:
    if (address := card.address) is None:
        return None
    written = {
        "straat": address.street,
        "postcode": address.postcode,
        "plaats": address.city,
        "land": {"id": country_ids[address.country_code]},
    }
    return {**written, "contactpersoon": address.contact} if address.contact else written


def _card_refused(refusal: SnelstartRefused, card: NewCard) -> CardRefused:
    fields = [_field_of(problem) for problem in refusal.problems]
    first = refusal.problems[0]
    return CardRefused(
        code=first.code or "-",
        message=_without_values(first.message, card),
        fields=frozenset(field for field in fields if field) if all(fields) else frozenset(),
    )


def _field_of(problem: VendorProblem) -> CardField | None:
    if problem.code is not None:
        return _FIELD_OF_CODE.get(problem.code)
    parts = (problem.field or "").lower().split(".")
    return next((_FIELD_OF_PROPERTY[part] for part in parts if part in _FIELD_OF_PROPERTY), None)


def _without_values(message: str, card: NewCard) -> str:
    """The vendor's sentence without the buyer's data, should it repeat them: it goes into logs and lists."""
    address = () if card.address is None else (card.address.street, card.address.postcode, card.address.city)
    for value in (card.name, card.email, card.phone, card.vat_number, card.iban, *address):
        if value and len(value) >= SHORTEST_VALUE_HIDDEN:
            message = message.replace(value, "…")
    return message
