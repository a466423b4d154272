"""Deterministic identifiers, so that a repeat can be recognised wherever it comes from."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("6f3a1a52-6f0e-5b7f-9a51-4c8a2f9d7c11")


def deterministic_id(*parts: object) -> str:
    """One UUID text for one sequence of parts; the same parts always give the same UUID."""
    return str(uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts)))


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a JSON-able mapping, independent of key order and spacing."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
