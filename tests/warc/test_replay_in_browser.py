"""ReplayWeb.page in Chromium shows every capture of three crawls as the site sent it, from one WACZ file.

REPLAYWEB_DIR names the folder of the npm package `replaywebpage`, unpacked. Without it, the tests are not run.
"""

from __future__ import annotations

import os
import shutil
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.crawling import printed
from tests.support.three_crawls import Shown, demo_crawls, living_crawls

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

# Starts the service worker, which then answers all requests of the page, and gives it the file.
OPEN = """async () => {
    await navigator.serviceWorker.register("/sw.js", {scope: "/"});
    await navigator.serviceWorker.ready;
    const container = navigator.serviceWorker;
    if (!container.controller)
        await new Promise(resolve => container.addEventListener("controllerchange", resolve));
    const opened = new Promise(resolve => container.addEventListener("message", event => {
        if (event.data.msg_type === "collAdded") resolve("opened");
        if (event.data.error) resolve(event.data.error);
    }));
    const file = {sourceUrl: location.origin + "/crawls.wacz"};
    container.controller.postMessage({msg_type: "addColl", name: "crawls", file});
    return await opened;
}"""
# The bytes of a capture. `id_` asks for them unchanged.
FETCH = """async (path) => {
    const response = await fetch(path);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return [response.status, btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""))];
}"""


def not_modified(folder: Path) -> list[Shown]:
    """A site that answers 304."""
    return demo_crawls(folder, max_pages=1, limit=8)


def sent_again(folder: Path) -> list[Shown]:
    """A site that sends unchanged pages again."""
    return living_crawls(folder, validators=False)


@pytest.mark.parametrize("crawls", [not_modified, sent_again])
def test_every_capture_is_shown_as_it_was_sent(
    browser: Browser, tmp_path: Path, crawls: Callable[[Path], list[Shown]]
) -> None:
    program = os.environ["REPLAYWEB_DIR"]
    folder = tmp_path / "archive"
    folder.mkdir()
    shown = crawls(folder)
    served = tmp_path / "served"
    served.mkdir()
    shutil.copy(Path(program) / "sw.js", served)
    (served / "empty.html").write_text("<!doctype html><title>Replay</title>")
    printed(folder, "export", "wacz", "-o", str(served / "crawls.wacz"))
    with files_of(served) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/empty.html")
        assert page.evaluate(OPEN) == "opened"
        for capture in shown:
            place = f"/w/crawls/{capture.timestamp}id_/{capture.url}"
            status, body = page.evaluate(FETCH, place)
            assert (status, b64decode(body)) == (200, capture.body), place


class _Files(SimpleHTTPRequestHandler):
    """Files of a folder, and parts of them."""

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            super().do_GET()
            return
        data = path.read_bytes()
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else len(data) - int(last)
        end = int(last) + 1 if first and last else len(data)
        part = data[start:end]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Says nothing."""


@contextmanager
def files_of(folder: Path) -> Iterator[str]:
    """The address of a server of this folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
