"""Files attached to the record: put in a stream, sealed as it comes; given out as bytes alone."""

import asyncio
import queue
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from parley.errors import RequestMalformed, RequestTooSlow, TooManyRequests
from parley.identity.permission import Act
from parley.ids import CaseId, SpaceId, ThreadId
from parley.record.attachment import NAME_CHARACTERS_MAX, PLAIN, AttachmentFile, safe_name
from parley.web.answers import answer
from parley.web.gatekeeper import ATTACHMENTS
from parley.web.guard import SignedInPerson, route
from parley.web.parts import parts_of
from parley.web.problems import CREATED
from parley.web.routes.record import DigestText, IdText, shown

router = APIRouter()
WAITING_MAX: Final = 8
"""Chunks that wait to be sealed. More: a page need not wait for the disk. Less: less memory."""
AT_ONCE_MAX: Final = 4
"""Files put at once. More lets pages use more threads and memory."""
RETRY_S: Final = 5
_under_way: Final[set[object]] = set()


@route(router, "POST", ATTACHMENTS, Act.RECORD_ATTACH, status_code=CREATED)
async def attach(
    request: Request,
    signed_in: SignedInPerson,
    space: Annotated[IdText, Query()],
    name: Annotated[str, Query(min_length=1, max_length=NAME_CHARACTERS_MAX)],
    media_type: Annotated[str, Query(alias="type", max_length=200)] = PLAIN,
    thread: Annotated[IdText | None, Query()] = None,
    case: Annotated[IdText | None, Query()] = None,
) -> Response:
    """Seal the request's body as a file, and append the entry that commits to it."""
    parts = parts_of(request)
    file = AttachmentFile(safe_name(name) or "file", media_type)
    if len(_under_way) >= AT_ONCE_MAX:
        raise TooManyRequests(retry_after_s=RETRY_S)
    pipe = _Pipe()
    _under_way.add(pipe)
    filling = asyncio.create_task(pipe.fill(request.stream(), parts.settings.limits.request_s))
    try:
        appended = await parts.blobs.attach(
            SpaceId.parse(space),
            file,
            pipe.pieces(),
            actor=signed_in.person.actor,
            thread=None if thread is None else ThreadId.parse(thread),
            case=None if case is None else CaseId.parse(case),
        )
    except ValueError as error:
        raise RequestMalformed(field="id") from error
    finally:
        _under_way.discard(pipe)
        pipe.close()
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
    return answer(await shown(parts, appended), CREATED)


@route(router, "GET", ATTACHMENTS + "/{digest}", Act.RECORD_FETCH, response_class=Response)
async def fetch(request: Request, digest: DigestText) -> Response:
    """Return a file by its entry's hash; as a download, whatever it says it is."""
    file, pieces = await parts_of(request).blobs.read(bytes.fromhex(digest))
    headers = {
        "cache-control": "no-store",
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    }
    # A type from the other side must not decide what a browser does with the bytes.
    return StreamingResponse(pieces, media_type=PLAIN, headers=headers)


class _Pipe:
    """Carries a request's body to the thread that seals it."""

    def __init__(self) -> None:
        self._queue: queue.Queue[bytes | BaseException | None] = queue.Queue(WAITING_MAX)
        self._is_closed = False

    async def fill(self, stream: AsyncIterator[bytes], chunk_s: float) -> None:
        """Put every chunk, then the end; or why there is none."""
        end: BaseException | None = None
        try:
            while True:
                async with asyncio.timeout(chunk_s):
                    chunk = await anext(stream, None)
                if chunk is None:
                    break
                if chunk:
                    await asyncio.to_thread(self._put, chunk)
        except TimeoutError:
            end = RequestTooSlow(seconds_max=int(chunk_s))
        except ClientDisconnect:
            end = RequestMalformed(field="body")
        except Exception as error:  # noqa: BLE001  the thread tells it to whoever waits
            end = error
        await asyncio.to_thread(self._put, end)

    def pieces(self) -> Iterator[bytes]:
        """Yield the chunks; raise what went wrong."""
        while True:
            found = self._queue.get()
            if found is None:
                return
            if isinstance(found, BaseException):
                raise found
            yield found

    def close(self) -> None:
        """Take nothing more, so that whoever puts goes on."""
        self._is_closed = True
        while not self._queue.empty():
            self._queue.get_nowait()

    def _put(self, found: bytes | BaseException | None) -> None:
        while not self._is_closed:
            try:
                self._queue.put(found, timeout=0.2)
            except queue.Full:
                continue
            return
