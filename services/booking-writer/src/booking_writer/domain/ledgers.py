"""Whether the administration allows what the profile's mapping leads to."""

from collections.abc import Iterable, Iterator

from booking_writer.domain.refusal import reason
from booking_writer.domain.rules import Administration
from sconnect.errors import Reason, ReasonCode
from sconnect.ledgers import LedgerChoice, Misfit, misfits

# With foreign VAT SnelStart takes lines on ledgers for distance sales only.
_FOREIGN_VAT_VARIANTS = {Misfit.FUNCTION: None, Misfit.VAT_RATE_CODE: "vat_rate_code"}


def unfit_ledgers(
    choices: Iterable[LedgerChoice], cost_centre: int | None, administration: Administration
) -> Iterator[Reason]:
    """Each ledger and cost centre that SnelStart would refuse.

    BOE-0037, 0008, 0061, 0069, 0080, 0082, 0022, 0019 and 0026.
    """
    for choice in sorted(choices, key=lambda choice: choice.field):
        account = administration.ledgers.get(choice.number)
        has_cost_centre = cost_centre is not None
        for misfit in misfits(account, choice.kind, choice.column, has_cost_centre=has_cost_centre):
            yield _unfit(choice, misfit, administration)
    if cost_centre is not None and cost_centre not in administration.cost_centres:
        yield reason(ReasonCode.LEDGER_UNFIT, "cost_centre_unknown", cost_centre=cost_centre)


def _unfit(choice: LedgerChoice, misfit: Misfit, administration: Administration) -> Reason:
    details: dict[str, object] = {"ledger": choice.number, "field": choice.field, "kind": choice.kind}
    rate_code = None if choice.column is None else choice.column.vat_rate_code
    if rate_code is not None and misfit in _FOREIGN_VAT_VARIANTS:
        found = administration.ledgers[choice.number].vat_rate_code or "-"
        return reason(
            ReasonCode.OSS_LEDGER_RESTRICTION,
            _FOREIGN_VAT_VARIANTS[misfit],
            expected=rate_code,
            found=found,
            **details,
        )
    return reason(ReasonCode.LEDGER_UNFIT, misfit, treatment=choice.column or "-", **details)
