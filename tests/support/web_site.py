"""Serves the web pages of an archive with `newscrawl serve`, and prepares archives for their tests."""

from __future__ import annotations

import json
import os
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import ViewportSize

from tests.support import forked

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESKTOP, PHONE = ViewportSize(width=1280, height=720), ViewportSize(width=390, height=844)
ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select "
HUB = 3000  # links to one article, more than a page reads from the database
DIALOG = "alert(document.domain)"
# What an attacker may write into a headline, a tag or an address.
PAYLOADS = (
    f"<script>{DIALOG}</script>",
    f"<img src=x onerror={DIALOG}>",
    f"<svg onload={DIALOG}>",
    f'"><script>{DIALOG}</script>',
    f"'><img src=x onerror={DIALOG}>",
    f"</title><script>{DIALOG}</script>",
    f"</textarea><script>{DIALOG}</script>",
    f"</script><script>{DIALOG}</script>",
    f"<a href=javascript:{DIALOG}>x</a>",
    f"<iframe src=javascript:{DIALOG}>",
    f"<body onload={DIALOG}>",
    f"<details open ontoggle={DIALOG}>",
    f"<math><mtext><img src=x onerror={DIALOG}></mtext></math>",
    f"{{{{ self.__init__.__globals__ }}}}<script>{DIALOG}</script>",
    f"<style>@import 'x';</style><script>{DIALOG}</script>",
    f'<input autofocus onfocus="{DIALOG}">',
    f"&lt;script&gt;{DIALOG}&lt;/script&gt;",
    f"\u202e<script>{DIALOG}</script>",
    f"<meta http-equiv=refresh content='0;url=javascript:{DIALOG}'>",
    f"<object data=javascript:{DIALOG}></object>",
)
ADDRESSES = (
    f"javascript:{DIALOG}",
    f"data:text/html,<script>{DIALOG}</script>",
    f'https://paper.example/"onmouseover={DIALOG}',
    "//evil.example/x",
)


@contextmanager
def served(archive: Path, *options: str, module: str = "newscrawl") -> Iterator[str]:
    """The address at which the archive is served while the block runs."""
    arguments = ("--archive", str(archive), "serve", "--port", "0", *options)
    process = forked.Running(module, *arguments, env=os.environ, folder=str(Path.cwd()))
    try:
        yield process.first_line().rstrip("/")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def poison(archive: Path) -> list[int]:
    """Writes one payload into all texts of one article each; returns the ids of the articles."""
    db = sqlite3.connect(archive / "newscrawl.db")
    with db:
        ids = [
            row[0]
            for row in db.execute(
                "SELECT id FROM articles WHERE state = 'stored' LIMIT ?", (len(PAYLOADS),)
            )
        ]
        for number, (article, payload) in enumerate(zip(ids, PAYLOADS, strict=True)):
            address = ADDRESSES[number % len(ADDRESSES)]
            names = json.dumps([address, payload])
            values = (payload, payload, names, names, address, address, payload, article)
            db.execute(
                "UPDATE articles SET title = ?, summary = ?, tags = ?, authors = ?, url = ?, image_url = ?,"
                " published_raw = ? WHERE id = ?",
                values,
            )
            db.execute("UPDATE bodies SET body = ? WHERE article_id = ?", (payload, article))
            db.execute(
                "UPDATE revisions SET title = ?, body = ? WHERE article_id = ?",
                (payload, payload, article),
            )
            db.execute(
                "UPDATE categories SET name = ? WHERE id = (SELECT category_id FROM articles WHERE id = ?)",
                (payload, article),
            )
            db.execute("UPDATE links SET anchor = ? WHERE source_id = ?", (payload, article))
            db.execute(
                "UPDATE listings SET title = ?, summary = ? WHERE article_id = ?",
                (payload, payload, article),
            )
            db.execute(
                "UPDATE articles_fts SET title = ? WHERE rowid = ?", (f"payload {payload}", article)
            )
    db.close()
    return ids


def make_odd(archive: Path) -> None:
    """Gives article 1 HUB links and article 3 an extremely long headline and teaser; removes 2's headline."""
    db = sqlite3.connect(archive / "newscrawl.db")
    long_title = "Mộttiêuđềkhônghếtvàkhôngcách" * 60
    with db:
        db.execute(
            "UPDATE articles SET title = NULL, published_local = NULL, published_raw = NULL WHERE id = 2"
        )
        db.execute("UPDATE articles SET title = ? WHERE id = 3", (long_title,))
        db.execute("UPDATE listings SET title = ? WHERE article_id = 3", (long_title,))
        db.executemany(
            "INSERT INTO articles (site, key, url, state, first_seen_at, last_seen_at) SELECT site, ?1, url || ?1,"
            " 'stub', first_seen_at, last_seen_at FROM articles WHERE id = 1",
            [(f"-{number}",) for number in range(HUB)],
        )
        db.execute(
            "INSERT INTO links SELECT a.id, 1, 'inline', 1, NULL, first_seen_at, last_seen_at, 1, 1 FROM articles a"
            " WHERE key LIKE '-%'"
        )
    db.close()


def ask(address: str, path: str, **headers: str) -> tuple[int, str]:
    """The status of a response, and its content security policy."""
    request = urllib.request.Request(
        f"{address}{path}", headers={key.replace("_", "-"): value for key, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers["content-security-policy"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["content-security-policy"]


def key_of(archive: Path, where: str) -> tuple[int, str]:
    """Row id and headline of the first article that matches the SQL condition."""
    db = sqlite3.connect(archive / "newscrawl.db")
    row = db.execute(f"SELECT id, title FROM articles WHERE {where} LIMIT 1").fetchone()
    db.close()
    return int(row[0]), str(row[1])
