"""How the console learns how the other services are."""

from collections.abc import Mapping
from contextlib import ExitStack

import httpx
from starlette.applications import Starlette

from console.adapters.neighbours import HttpNeighbours
from console.ports import ServiceHealth
from sconnect.service.health import HealthState, health_app
from simulators.server import running


def service(trouble: str | None) -> Starlette:
    state = HealthState("service", {})
    state.not_ready_because = trouble
    return health_app(state)


async def own_problems() -> Mapping[str, str]:
    return {"rabbitmq": "RabbitMQ is not connected"}


async def test_each_service_speaks_for_itself_or_is_found_silent() -> None:
    with ExitStack() as services:
        addresses = {
            "poller": services.enter_context(running(service(None))) + "/",
            "customer-resolver": services.enter_context(running(service("starting"))),
            "booking-writer": "http://127.0.0.1:1",
            "stranger": services.enter_context(running(Starlette())),
        }
        async with httpx.AsyncClient() as client:
            found = await HttpNeighbours(client, addresses, own_problems).health()

    assert found == (
        ServiceHealth(name="poller", ready=True),
        ServiceHealth(name="customer-resolver", ready=False, trouble=("service: starting",)),
        ServiceHealth(
            name="booking-writer", ready=False, trouble=("service: does not answer at http://127.0.0.1:1",)
        ),
        ServiceHealth(
            name="stranger",
            ready=False,
            trouble=(f"service: something else answers at {addresses['stranger']}",),
        ),
        ServiceHealth(name="console", ready=False, trouble=("rabbitmq: RabbitMQ is not connected",)),
    )


async def test_another_product_on_the_same_port_is_not_taken_for_ours() -> None:
    def of(instance: str) -> Starlette:
        state = HealthState("service", {}, instance=instance)
        state.not_ready_because = None
        return health_app(state)

    with ExitStack() as services:
        addresses = {name: services.enter_context(running(of(name))) for name in ("ours", "theirs")}
        async with httpx.AsyncClient() as client:
            neighbours = HttpNeighbours(client, addresses, own_problems, instance="ours")
            ours, theirs, _console = await neighbours.health()

    assert ours.ready
    assert theirs.trouble == (f"service: another product answers at {addresses['theirs']}",)
