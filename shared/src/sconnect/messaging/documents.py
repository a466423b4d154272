"""Writes the contracts down for readers outside this code: JSON Schemas, and AsyncAPI with the queues."""

import json
from pathlib import Path
from typing import Any

from sconnect.contracts import known_types
from sconnect.messaging.topology import EXCHANGE, PREVIEW_QUEUES, WORK_QUEUES


def contract_documents() -> dict[str, dict[str, Any]]:
    """File name to document, for every contract and for the product as a whole."""
    schemas = {
        f"{name}.schema.json": contract.model_json_schema() for name, contract in known_types().items()
    }
    return schemas | {"asyncapi.json": asyncapi_document()}


def write_contract_documents(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, document in contract_documents().items():
        text = json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True)
        (directory / name).write_text(text + "\n", encoding="utf-8")


def asyncapi_document() -> dict[str, Any]:
    """AsyncAPI 3.0: one channel for each message type, one receive operation for each queue consumed."""
    types = known_types()
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "sconnect", "version": "1", "description": "Webshop orders to sales bookings."},
        "defaultContentType": "application/json",
        "channels": {name: _channel(name) for name in types},
        "operations": {
            f"receive-{queue.name}": {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{name}"},
                "bindings": {"amqp": {"ack": True, "bindingVersion": "0.3.0"}},
            }
            for queue in (*WORK_QUEUES, *PREVIEW_QUEUES)
            for name in queue.events
            if name in types
        },
        "components": {
            "messages": {name: {"name": name, "payload": {"$ref": f"{name}.schema.json"}} for name in types}
        },
    }


def _channel(name: str) -> dict[str, Any]:
    return {
        "address": name,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": EXCHANGE, "type": "topic", "durable": True},
                "bindingVersion": "0.3.0",
            }
        },
    }
