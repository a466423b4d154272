"""One row per administration: how much of its allowance was granted, when and to whom."""

from sqlalchemy import Column, MetaData, String, Table, Text


def call_allowances_table(metadata: MetaData) -> Table:
    """`account` is the JSON of an Account: read, judged and written back under the row's lock."""
    return Table(
        "call_allowances",
        metadata,
        Column("administration_id", String(100), primary_key=True),
        Column("account", Text, nullable=False),
    )
