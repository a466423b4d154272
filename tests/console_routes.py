"""All addresses of the console, also those of routers that were included."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Mount


def routes_of(routes: Any, prefix: str = "") -> Iterator[tuple[str, APIRoute]]:
    """Every route with its whole address."""
    for route in routes:
        if isinstance(route, Mount):
            yield from routes_of(route.routes, prefix + route.path)
        elif isinstance(route, APIRoute):
            yield prefix + route.path, route
        else:
            # FastAPI keeps an included router whole; what is neither has no place in this product.
            included = vars(route)
            inner = included["include_context"].prefix
            yield from routes_of(included["original_router"].routes, prefix + inner)
