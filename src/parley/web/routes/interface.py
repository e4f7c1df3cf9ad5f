"""The built interface: files from one folder, and the start page for every other address."""

import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from parley.errors import InterfaceMissing, NotFound
from parley.web.guard import Guard, route
from parley.web.problems import NOT_MODIFIED, SEE_OTHER

router = APIRouter()
PACKAGED: Final = Path(__file__).parent.parent / "interface"
BUILT: Final = Path(__file__).parents[4] / "ui" / "dist"
FOREVER: Final = "public, max-age=31536000, immutable"
FRESH: Final = "no-cache"
HASHED: Final = "assets"
"""Folder whose file names carry a hash of their content; their bytes never change."""
TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}


def folder() -> Path | None:
    """Return where the built interface lies, the packaged one before a developer's."""
    return next((place for place in (PACKAGED, BUILT) if (place / "index.html").is_file()), None)


@route(router, "GET", "/{path:path}", Guard.ANYONE, include_in_schema=False)
async def read_file(request: Request, path: str) -> Response:
    """Return a file of the interface, or its start page: routes inside it are its own."""
    if path == "api" or path.startswith("api/"):
        raise NotFound
    place = folder()
    if place is None:
        if path == "":
            # Whoever opens a one-time link ends here: the text-only page needs no build.
            return RedirectResponse("/text", SEE_OTHER)
        raise InterfaceMissing
    file = _inside(place, path)
    if file is None and path.startswith(f"{HASHED}/"):
        raise NotFound
    chosen = file or place / "index.html"
    stat = chosen.stat()
    tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    is_hashed = chosen.parent.name == HASHED
    headers = {"cache-control": FOREVER if is_hashed else FRESH, "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return _file(chosen, stat.st_mtime_ns, headers)


def _inside(place: Path, path: str) -> Path | None:
    """Return the file a path names, None if it names none or one outside the folder."""
    if "\0" in path:
        return None
    file = (place / path).resolve()
    return file if file.is_file() and file.is_relative_to(place.resolve()) else None


def _file(file: Path, changed_ns: int, headers: dict[str, str]) -> Response:
    kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
    content = _read(file, changed_ns)
    return Response(content, headers=headers, media_type=kind or "application/octet-stream")


@lru_cache(maxsize=256)
def _read(file: Path, changed_ns: int) -> bytes:
    """Return a file's bytes; ``changed_ns`` makes a rebuilt file another one."""
    del changed_ns
    return file.read_bytes()
