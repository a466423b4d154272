"""How much is measured. `small` shows within minutes that everything works; only `full` can meet a goal."""

from dataclasses import dataclass

# Recognition is developed on these; its errors on them are looked at one by one.
DEVELOPMENT_SEEDS = (11, 12)
# Only sums over these are looked at, never one of their errors.
TEST_SEEDS = (21, 22)
MILLION_TEST_SEED = 31


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    customers: int
    million: int
    orders: int
    development_seeds: tuple[int, ...]
    test_seeds: tuple[int, ...]
    lookups: int
    changes: int

    @property
    def is_full(self) -> bool:
        return self.name == "full"


SIZES = {
    "full": Size(
        name="full",
        customers=100_000,
        million=1_000_000,
        orders=40_000,
        development_seeds=DEVELOPMENT_SEEDS,
        test_seeds=TEST_SEEDS,
        lookups=6000,
        changes=500,
    ),
    "small": Size(
        name="small",
        customers=5000,
        million=20_000,
        orders=2000,
        development_seeds=(11,),
        test_seeds=(13,),
        lookups=300,
        changes=50,
    ),
}
