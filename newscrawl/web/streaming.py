"""Sends a file while it is written, and no faster than the browser takes it."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, cast

from newscrawl.store.read.reader import Reader
from newscrawl.web.responses import File
from newscrawl.web.security import Receive, Send

PIECE = 64 * 1024  # bytes that are sent together
WAITING = 4  # pieces that are written before the browser has taken them


class _Gone(Exception):
    """The browser has closed the connection."""


class _Pieces(io.RawIOBase):
    """A file that one thread writes, and whose bytes the event loop takes, piece by piece."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING)
        self.is_abandoned = False
        self._loop = loop
        self._buffer = bytearray()
        self._length = 0

    def writable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """How many bytes were written."""
        return self._length

    def write(self, data: Any, /) -> int:
        """Waits while there are enough pieces; _Gone if nobody takes them any more."""
        length = len(memoryview(data).cast("B"))
        self._buffer += data
        self._length += length
        if len(self._buffer) >= PIECE:
            self._put(bytes(self._buffer))
            self._buffer.clear()
        return length

    def end(self) -> None:
        """Gives the rest."""
        if self._buffer:
            self._put(bytes(self._buffer))

    def abandon(self) -> None:
        """Lets the writer go on, so that it sees that nobody takes its pieces."""
        self.is_abandoned = True
        while not self.queue.empty():
            self.queue.get_nowait()

    def _put(self, piece: bytes) -> None:
        if not self.is_abandoned:
            asyncio.run_coroutine_threadsafe(self.queue.put(piece), self._loop).result()
        if self.is_abandoned:
            raise _Gone


class FileResponse:
    """A File as Datasette sends a response."""

    def __init__(
        self, file: File, folder: Path, receive: Receive, threads: ThreadPoolExecutor
    ) -> None:
        self._file = file
        self._folder = folder
        self._receive = receive
        self._threads = threads

    async def asgi_send(self, send: Send) -> None:
        """Sends everything. An error of the writer ends the connection before its end."""
        loop = asyncio.get_running_loop()
        out = _Pieces(loop)
        writing = asyncio.ensure_future(self._run(loop, out))
        watching = asyncio.ensure_future(self._watch(out))
        try:
            piece = await out.queue.get()
            if piece is None:
                await writing  # raises what went wrong: it is an error page as yet
            await send({"type": "http.response.start", "status": 200, "headers": self._headers()})
            while piece is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await out.queue.get()
            await writing
            await send({"type": "http.response.body", "body": b""})
        finally:
            watching.cancel()
            out.abandon()

    async def _run(self, loop: asyncio.AbstractEventLoop, out: _Pieces) -> None:
        """Writes in a thread; None in the queue says that it is over."""
        try:
            await loop.run_in_executor(self._threads, self._write, out)
        finally:
            await out.queue.put(None)

    async def _watch(self, out: _Pieces) -> None:
        """Waits until the browser has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        out.abandon()

    def _write(self, out: _Pieces) -> None:
        try:
            with Reader(self._folder) as reader:
                self._file.write(reader, cast(BinaryIO, out))
            out.end()
        except _Gone:
            pass

    def _headers(self) -> list[tuple[bytes, bytes]]:
        disposition = f'attachment; filename="{self._file.name}"'
        return [
            (b"content-type", self._file.content_type.encode()),
            (b"content-disposition", disposition.encode()),
            (b"cache-control", b"no-cache"),
        ]
