"""Raw pages of sites in a real browser: 20 payloads and every way to load, to leave and to look around."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Response

from newscrawl.warc import WarcWriter
from newscrawl.web.pages.replay import without_connections
from tests.support.archive_cases import PAGE
from tests.support.web_site import PAYLOADS, served

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

# What a page may try beside scripts: to load, to send, to leave, and to reach the page around it.
ATTEMPTS = (
    '<link rel="preconnect" href="http://evil.example/1">',
    '<LINK rel=stylesheet href="http://evil.example/2">',
    '<link/rel="prefetch" href="http://evil.example/3">',
    '<img src="http://evil.example/4" srcset="http://evil.example/5 2x">',
    '<style>@import "http://evil.example/6"; body { background: url(http://evil.example/7) }</style>',
    '<meta http-equiv="refresh" content="0;url=http://evil.example/8">',
    '<iframe src="http://evil.example/9"></iframe><object data="http://evil.example/10"></object>',
    '<video autoplay src="http://evil.example/11" poster="http://evil.example/12"></video>',
    '<base href="http://evil.example/">',
    '<form id="f" action="http://evil.example/13"><input name="a" autofocus></form>',
    "<script>parent.document.title = 'read'; top.location = 'http://evil.example/14'</script>",
    "<script>fetch('http://evil.example/15'); new Image().src = 'http://evil.example/16'</script>",
)


READ_PARENT = "(() => { try { return parent.document.title } catch (e) { return e.name } })()"


def replace_raw_pages(archive: Path, bodies: list[bytes]) -> list[int]:
    """Gives the first articles other raw pages; returns the ids of the articles."""
    db = sqlite3.connect(archive / "newscrawl.db")
    rows = db.execute(
        "SELECT article_id, capture_id FROM revisions WHERE capture_id IS NOT NULL AND revision = 1"
        " AND article_id NOT IN (SELECT article_id FROM revisions WHERE revision > 1) LIMIT ?",
        (len(bodies),),
    ).fetchall()
    with (
        WarcWriter(archive / "warc", site="evil", base_url="", version="0", crawl_id=9) as writer,
        db,
    ):
        for (_, capture), body in zip(rows, bodies, strict=True):
            made = writer.write(replace(PAGE, body=body))
            db.execute(
                "UPDATE captures SET warc_file = ?, warc_offset = ?, warc_length = ? WHERE id = ?",
                (made.warc_file, made.warc_offset, made.warc_length, capture),
            )
    db.close()
    return [article for article, _ in rows]


def received(server: socket.socket) -> bytes:
    """What was sent over all connections."""
    sent = b""
    while True:
        try:
            connection, _ = server.accept()
        except BlockingIOError:
            return sent
        with connection:
            connection.setblocking(False)
            try:
                sent += connection.recv(1000)
            except BlockingIOError:
                continue


def test_a_raw_page_runs_nothing_requests_nothing_and_reads_nothing(
    browser: Browser, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "attacked"
    shutil.copytree(archive, folder)
    events: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        events.append(dialog.message)
        dialog.dismiss()

    def record(response: Response) -> None:
        if not response.url.startswith(home):
            events.append(response.url)

    with closing(socket.create_server(("127.0.0.1", 0))) as evil:
        evil.setblocking(False)
        host = f"127.0.0.1:{evil.getsockname()[1]}"
        attempts = "\n".join(ATTEMPTS).replace("evil.example", host)
        bodies = [f"<title>x</title>{attempts}<a href='http://{host}/'>leave</a>"]
        bodies += [f"<p>{payload}</p>" for payload in PAYLOADS]
        ids = replace_raw_pages(folder, [body.encode() for body in bodies])
        with served(folder) as home, browser.new_context() as context:
            page = context.new_page()
            page.on("dialog", dismiss)
            page.on("response", record)
            for article in ids:
                page.goto(f"{home}/article/{article}/replay")
                title, frame = page.title(), page.frames[1]
                assert frame.url.startswith(f"{home}/article/{article}/raw/")
                assert frame.evaluate("self.origin") == "null"
                assert frame.evaluate(READ_PARENT) == "SecurityError"
                assert page.title() == title
            # The raw page without a frame around it is no freer.
            page.goto(f"{home}/article/{ids[0]}/replay")
            page.goto(page.frames[1].url)
            assert page.evaluate("self.origin") == "null"
            with pytest.raises(BlockingIOError):
                evil.accept()
            # A link leads nowhere: a click leaves the page as it is.
            page.goto(f"{home}/article/{ids[0]}/replay")
            page.frames[1].get_by_text("leave").click()
            page.wait_for_timeout(200)
            assert page.frames[1].url.startswith(f"{home}/article/{ids[0]}/raw/")
            assert page.url == f"{home}/article/{ids[0]}/replay"
        assert received(evil) == b""
    assert events == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_links_of_a_raw_page_lead_nowhere(encoding: str) -> None:
    source = '<meta charset=x><meta name="referrer" content=a><abbr><A\nHREF=b>c</a><area href=d>'
    inert = without_connections(source.encode(encoding)).decode(encoding)
    assert inert == (
        '<meta charset=x><basefont name="referrer" content=a><abbr><span\nHREF=b>c</span>'
        "<basefont href=d>"
    )
