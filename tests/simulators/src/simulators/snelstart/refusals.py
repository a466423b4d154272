"""The shapes in which SnelStart and the gateway before it say no (developer portal, foutcodes-v2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.snelstart.wire import Reply

# The portal's codes that this simulator can give, with a Dutch text of about its wording.
MESSAGES: Mapping[str, str] = {
    "ALG-0100": "Het id moet leeg zijn bij het aanmaken",
    "ALG-0101": "Het id in de url is niet gelijk aan het id in het bericht",
    "ALG-0104": "Het OData filter is niet geldig",
    "ALG-0106": "Het verzoek bevat geen gegevens",
    "BLG-0001": "De bijlage is niet gevonden",
    "BLG-0007": "De bestandsnaam is niet ingevuld",
    "BLG-0011": "De inhoud van de bijlage is leeg",
    "BLG-0013": "De inhoud van de bijlage is groter dan 10 MB",
    "BLG-0016": "De bestandsnaam bevat tekens die niet zijn toegestaan",
    "BOE-0001": "De boeking is niet gevonden",
    "BOE-0008": "Het grootboek is verwijderd of niet actief",
    "BOE-0019": "De kostenplaats is niet gevonden",
    "BOE-0021": "Het factuurnummer bestaat al",
    "BOE-0022": "Bij dit grootboek is een kostenplaats verplicht",
    "BOE-0023": "De boeking bevat geen boekingsregels",
    "BOE-0026": "De kostenplaats is niet actief",
    "BOE-0027": "Het ontvangen en het uitgegeven bedrag mogen niet allebei gevuld zijn",
    "BOE-0028": "Het bedrag van een boekingsregel mag niet nul zijn",
    "BOE-0033": "De datum ligt meer dan vijf jaar voor het huidige boekjaar",
    "BOE-0037": "Een grootboek is niet gevonden",
    "BOE-0039": "De boeking is niet in balans",
    "BOE-0042": "De datum ligt in een geblokkeerde periode",
    "BOE-0046": "De boeking is gekoppeld aan een btw-aangifte",
    "BOE-0051": "De periode is geblokkeerd of gecontroleerd door de accountant",
    "BOE-0054": "De relatie is verwijderd of niet actief",
    "BOE-0058": "Het factuurnummer is verplicht en mag maximaal 25 tekens lang zijn",
    "BOE-0060": "De relatie is geen klant",
    "BOE-0061": "Het grootboek mag hier niet gebruikt worden",
    "BOE-0062": "Btw verlegd mag niet samen met andere btw-soorten voorkomen",
    "BOE-0064": "Een eenmalige en een doorlopende machtiging mogen niet samen voorkomen",
    "BOE-0068": "Het boekstuk mag maximaal 25 tekens lang zijn",
    "BOE-0069": "De btw is niet geldig",
    "BOE-0070": "De boekdatum is niet geldig",
    "BOE-0071": "De omschrijving mag maximaal 250 tekens lang zijn",
    "BOE-0076": "Van debet en credit moet er een nul zijn",
    "BOE-0078": "Het id mag niet gewijzigd worden",
    "BOE-0080": "De klant mag niet op een omzetgrootboek binnen de EU geboekt worden",
    "BOE-0081": "Er is geen grootboek met de benodigde functie",
    "BOE-0082": "De btw-soort ontbreekt of past niet bij het grootboek",
    "BOE-0083": "De boeking kan niet verwijderd worden, er zijn betalingen op de factuur",
    "BOE-0089": "Het grootboek is niet gevonden",
    "BOE-0091": "Van debet en credit moet er een gevuld zijn",
    "BOE-0094": "Een memoriaalboeking heeft minstens twee regels",
    "BOE-0096": "Het dagboek is niet gevonden",
    "KPL-0001": "De kostenplaats is niet gevonden",
    "REL-0001": "De relatiesoort mag niet leeg zijn",
    "REL-0003": "De krediettermijn moet tussen -365 en 1000 liggen",
    "REL-0005": "De relatie is niet gevonden",
    "REL-0007": "De naam is verplicht en mag maximaal 50 tekens lang zijn",
    "REL-0008": "De relatiecode is al in gebruik",
    "REL-0011": "Het IBAN is niet geldig",
    "REL-0012": "Het mobiele telefoonnummer mag maximaal 25 tekens lang zijn",
    "REL-0013": "Het telefoonnummer mag maximaal 25 tekens lang zijn",
    "REL-0017": "De factuurrelatie is niet gevonden",
    "REL-0020": "De straat van het vestigingsadres mag maximaal 50 tekens lang zijn",
    "REL-0021": "De postcode van het vestigingsadres mag maximaal 25 tekens lang zijn",
    "REL-0022": "De plaats van het vestigingsadres mag maximaal 50 tekens lang zijn",
    "REL-0023": "De contactpersoon van het vestigingsadres mag maximaal 50 tekens lang zijn",
    "REL-0025": "De straat van het correspondentieadres mag maximaal 50 tekens lang zijn",
    "REL-0026": "De postcode van het correspondentieadres mag maximaal 25 tekens lang zijn",
    "REL-0027": "De plaats van het correspondentieadres mag maximaal 50 tekens lang zijn",
    "REL-0028": "De contactpersoon van het correspondentieadres mag maximaal 50 tekens lang zijn",
    "REL-0047": "Het id in de url is niet gelijk aan het id van de relatie",
    "REL-0048": "De relatiesoort 'Eigen' is niet toegestaan",
    "REL-0049": "De relatie heeft openstaande facturen",
    "REL-0055": "Het land van het vestigingsadres is niet gevonden",
    "REL-0056": "Het land van het correspondentieadres is niet gevonden",
    "REL-0057": "Het btw-nummer mag maximaal 50 tekens lang zijn",
    "REL-0058": "Het btw-nummer moet minstens 2 tekens lang zijn",
    "REL-0059": "Het btw-nummer mag alleen letters en cijfers bevatten",
    "REL-0060": "Als een veld van het vestigingsadres gevuld is, moeten alle velden gevuld zijn",
    "REL-0061": "Het e-mailadres is niet geldig",
    "REL-0063": "Het id van een nieuwe relatie moet leeg zijn",
    "REL-0067": "De interne leverancier kan niet gewijzigd worden",
    "REL-0087": "Het land van het btw-nummer is niet gelijk aan het land van het adres",
    "REL-0088": "Het btw-nummer is niet geldig",
    "REL-0103": "De interne klant kan niet verwijderd worden",
}


@dataclass(frozen=True)
class Problem:
    """One broken business rule; `details` names what broke it."""

    code: str
    details: str | None = None

    def as_json(self) -> dict[str, str | None]:
        return {"errorCode": self.code, "message": MESSAGES[self.code], "details": self.details}


class RefusedError(Exception):
    """The call is answered with `reply`, and nothing was changed."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def refuse_if_any(problems: Iterable[Problem]) -> None:
    """Raise RefusedError with all broken rules in one array, if there is one."""
    found = [problem.as_json() for problem in problems]
    if found:
        raise RefusedError(Reply(400, found))


def model_state(errors: Mapping[str, list[str]]) -> RefusedError:
    """Build the answer of the model binder: English texts by the path of the field."""
    return RefusedError(Reply(400, {"message": "The request is invalid.", "modelState": dict(errors)}))


def odata_message(text: str) -> RefusedError:
    """Build the answer of the OData layer; its `Message` has a capital."""
    return RefusedError(Reply(400, {"Message": text}))


def gateway(status: int, message: str, headers: Mapping[str, str] | None = None) -> RefusedError:
    """Build an answer of the gateway (Azure API Management), which comes before the application."""
    return RefusedError(Reply(status, {"statusCode": status, "message": message}, headers or {}))


def not_found(shape: str, code: str) -> RefusedError:
    """Build a 404; SnelStart documents no body, so `shape` (Options.not_found_body) chooses one."""
    bodies: dict[str, Any] = {
        "empty": None,
        "message": {"Message": MESSAGES[code]},
        "codes": [Problem(code).as_json()],
    }
    return RefusedError(Reply(404, bodies[shape]))
