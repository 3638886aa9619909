"""Requests for Datasette's pages wait for each other, so that no other page waits for many."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from newscrawl.web.security import Application, Message, Receive, Send, is_datasette_page

# Datasette makes a page of many rows in one step, in which no other request is answered. With more
# of them at once, a search would wait for each.
AT_ONCE = 2


class Turns:
    """Runs at most AT_ONCE requests for Datasette's pages at the same time; others at once.

    A turn ends when the response begins: slow browsers and long files keep nobody waiting.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self._free = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_datasette_page(scope["path"].encode()):
            await self.application(scope, receive, send)
            return
        await self._free.acquire()
        is_over = False

        def end_turn() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                self._free.release()

        async def send_after_turn(message: Message) -> None:
            end_turn()
            await send(message)

        try:
            await self.application(scope, receive, send_after_turn)
        finally:
            end_turn()
