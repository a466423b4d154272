"""What every stage that works on orders shares: a row per order, leases, pauses and dead letters."""

from sconnect.stage.claims import Claim, StageHandler
from sconnect.stage.consuming import consume_orders
from sconnect.stage.hands import Hands
from sconnect.stage.health import ProfileHealth
from sconnect.stage.previews import PreviewStage, consume_previews
from sconnect.stage.rows import OrderRows
from sconnect.stage.runner import OrderStage
from sconnect.stage.tables import StageTables, stage_tables

__all__ = [
    "Claim",
    "Hands",
    "OrderRows",
    "OrderStage",
    "PreviewStage",
    "ProfileHealth",
    "StageHandler",
    "StageTables",
    "consume_orders",
    "consume_previews",
    "stage_tables",
]
