"""All that the web can ask of the console's handlers."""

from dataclasses import dataclass

from console.handlers.access import AccessDesk
from console.handlers.audit import AuditDesk
from console.handlers.connections import ConnectionDesk
from console.handlers.customer_lookup import CustomerLookup
from console.handlers.imports import ImportDesk
from console.handlers.ledger_assistant import LedgerAssistant
from console.handlers.ledger_choice import LedgerChoiceDesk
from console.handlers.letter_jobs import LetterJobDesk
from console.handlers.letters import DeadLetterDesk
from console.handlers.links import LinkDesk
from console.handlers.needs import NeedsDesk
from console.handlers.notices import NoticeDesk
from console.handlers.orders import OrderDesk
from console.handlers.people import PeopleDesk
from console.handlers.previews import PreviewDesk
from console.handlers.privacy import PrivacyDesk
from console.handlers.profile_checks import ProfileChecks
from console.handlers.profile_history import ProfileHistoryDesk
from console.handlers.profile_removal import ProfileRemoval
from console.handlers.profiles import ProfileDesk
from console.handlers.status import StatusDesk


@dataclass(frozen=True, kw_only=True, slots=True)
class Desks:
    profiles: ProfileDesk
    checks: ProfileChecks
    history: ProfileHistoryDesk
    connections: ConnectionDesk
    removal: ProfileRemoval
    imports: ImportDesk
    previews: PreviewDesk
    assistant: LedgerAssistant
    orders: OrderDesk
    letters: DeadLetterDesk
    needs: NeedsDesk
    ledger_choice: LedgerChoiceDesk
    customers: CustomerLookup
    links: LinkDesk
    letter_jobs: LetterJobDesk
    status: StatusDesk
    access: AccessDesk
    people: PeopleDesk
    audit: AuditDesk
    privacy: PrivacyDesk
    notices: NoticeDesk
