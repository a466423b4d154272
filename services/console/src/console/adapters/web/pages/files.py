"""Style sheet, script and icon, as they stand beside this module."""

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.adapters.web.pages.frame import HERE

MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Their addresses carry a version, so a browser never has to ask again.
KEPT = "public, max-age=31536000, immutable"


def file_routes() -> APIRouter:
    router = APIRouter()
    files = {file.name: (file.read_bytes(), MEDIA_TYPES[file.suffix]) for file in (HERE / "static").iterdir()}

    @router.get("/static/{name}")
    async def show_file(name: str) -> Response:
        if name not in files:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        content, media_type = files[name]
        return Response(content, media_type=media_type, headers={"Cache-Control": KEPT})

    return router
