"""Runs real crawls of the made-up newspaper, each in a process of its own, and reads what they left."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from newscrawl.demo.server import DemoServer
from tests.support import forked

QUICK = ("--set", "DOWNLOAD_DELAY=0")
# Columns that say when and in which crawl something was seen: they differ between two runs of the same crawl.
SEEN = (
    "first_seen_at",
    "last_seen_at",
    "fetched_at",
    "seen_at",
    "first_crawl_id",
    "last_crawl_id",
    "crawl_id",
)


def newscrawl(
    *args: str, archive: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """One command, as a user runs it where the script is on the path, but for the time that imports take."""
    path = {"PATH": f"{forked.NEWSCRAWL.parent}{os.pathsep}{os.environ['PATH']}"}
    return forked.run(
        forked.NEWSCRAWL, "--archive", str(archive), *args, env=path | dict(env or {})
    )


def printed(archive: Path, *args: str) -> str:
    """What one command prints, which succeeds."""
    done = newscrawl(*args, archive=archive)
    assert done.returncode == 0, done.stderr
    return done.stdout


def start(*args: str, archive: Path, env: Mapping[str, str] | None = None) -> forked.Running:
    """The same, not waited for."""
    return forked.Running(
        "newscrawl", "--archive", str(archive), *args,
        env=os.environ | dict(env or {}), folder=str(Path.cwd()),
    )  # fmt: skip


def crawl(server: DemoServer, archive: Path, *more: str, code: int = 0) -> dict[str, Any]:
    """Crawls the newspaper; the summary of its one site."""
    done = newscrawl(
        "crawl", "demo", "--base-url", server.base_url, *QUICK, "--json", *more, archive=archive
    )
    assert done.returncode == code, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)["sites"][0]
    return summary


def crawl_both_editions(archive: Path, *first: str) -> None:
    """Two editions of the newspaper, the first asked for with these options, the second in full."""
    with DemoServer() as server:
        crawl(server, archive, *first)
        server.publish_edition_two()
        crawl(server, archive, "--refetch")


def adds_up(summary: Mapping[str, Any]) -> bool:
    """Every page asked for has exactly one outcome."""
    parts = (
        "listings",
        "feeds",
        "sitemaps",
        "new",
        "changed",
        "unchanged",
        "alias",
        "not_modified",
        "pending",
    )
    return bool(
        summary["requests"]
        == sum(summary[part] for part in parts) + sum(summary["failed"].values())
    )


def opened(archive: Path) -> sqlite3.Connection:
    """The database, for reading."""
    db = sqlite3.connect(archive / "newscrawl.db")
    db.row_factory = sqlite3.Row
    return db


def query(archive: Path, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a question."""
    db = opened(archive)
    try:
        return [tuple(row) for row in db.execute(statement)]
    finally:
        db.close()


def table(archive: Path, name: str) -> list[dict[str, Any]]:
    """A table without what differs between two runs of the same crawl, in the order of its keys."""
    db = opened(archive)
    try:
        rows = [dict(row) for row in db.execute(f"SELECT * FROM {name}")]
    finally:
        db.close()
    kept = [{column: value for column, value in row.items() if column not in SEEN} for row in rows]
    return sorted(kept, key=lambda row: json.dumps(row, sort_keys=True, default=str))
