"""Adapters that several suites of this folder need."""

import asyncio

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.sql import SqlReadModel, Transactions
from sconnect.persistence.migrations import migrate


@pytest_asyncio.fixture
async def read_model(database_url: str, database_engine: AsyncEngine) -> SqlReadModel:
    """The console's read model on SQLite, and again on PostgreSQL."""
    await asyncio.to_thread(migrate, database_url, "console")
    return SqlReadModel(Transactions(database_engine))
