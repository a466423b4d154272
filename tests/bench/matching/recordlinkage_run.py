"""The recordlinkage toolkit on FEBRL 4, run in the bench's own environment."""

from pathlib import Path

from bench.matching.cache import PYTHON
from bench.matching.evaluation import MeasuredSet, run_weighed
from bench.matching.figures import Figures, figures_of

METHODS = {
    "tutorial": "recordlinkage, its tutorial (sum > 3)",
    "ecm-0.5": "recordlinkage ECM, p ≥ 0.5",
    "ecm-0.99": "recordlinkage ECM, p ≥ 0.99",
}


def link_with_recordlinkage(measured: MeasuredSet) -> dict[str, Figures]:
    """Figures by the method's name."""
    script = Path(__file__).parent / "outside" / "link_with_recordlinkage.py"
    out = measured.folder / "decisions.recordlinkage"
    run_weighed([str(PYTHON), str(script), str(measured.customers), str(measured.orders), str(out)])
    truth = measured.truth()
    return {name: figures_of(truth, Path(f"{out}.{method}")) for method, name in METHODS.items()}
