"""The address of the ledger assistant."""

from fastapi import APIRouter

from console.adapters.web.access import ADMINISTRATORS_ONLY, Language, SignedIn
from console.adapters.web.ledger_documents import LedgerProposalDocument
from console.adapters.web.requests import LedgerProposalBody, ProfileName
from console.handlers.ledger_assistant import LedgerAssistant


def ledger_routes(assistant: LedgerAssistant) -> APIRouter:
    router = APIRouter(prefix="/profiles", tags=["profiles"])

    @router.post("/{name}/ledger-proposal", dependencies=[ADMINISTRATORS_ONLY])
    async def propose_ledgers(
        name: ProfileName, body: LedgerProposalBody, signed_in: SignedIn, language: Language
    ) -> LedgerProposalDocument:
        """Ledgers for a profile, each with its reason, tried on the shop's last orders; saved if asked."""
        proposal = await assistant.propose(name)
        trial = None
        if body.orders:
            trial = await assistant.try_out(proposal, orders=body.orders, by=signed_in)
        version = (await assistant.keep(proposal, by=signed_in)).version if body.save else None
        return LedgerProposalDocument.of(proposal, trial, version, language)

    return router
