"""A month of daily crawls of a made-up site that publishes, edits, breaks down, changes its design and refuses.

    python bench/days.py [--site ../shared/site] [--days 30] [--write docs/a-month-alone.md] [--json FILE]

Each day is a `crawl` and a `health` in a process of its own, on a clock that is a day later. Day by day every row is
compared with what it was; at the end the archive is judged by the site's own truth. A table says what each day gave.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import ModuleType
from typing import Any

from parts.results import Figure, Found, arguments, measuring
from parts.target import NEWSITE

sys.path.insert(0, str(Path(__file__).parents[1]))

from newscrawl.cli.app import App
from newscrawl.cli.main import main as newscrawl
from tests.support.crawling import query
from tests.support.daily_paper import ARTICLES, mend

START, FIRST, A_DAY = (
    datetime(2026, 9, 4, 12, 0, tzinfo=UTC),
    300,
    39,
)  # the site publishes every 37 minutes
OUTAGES, REDESIGN, MENDED, WALL = {6: "503", 20: "reset"}, 12, 15, 24
CHALLENGE = (
    b"<html><head><title>Just a moment...</title></head><body>Checking your browser.</body></html>"
)
FIELDS = ("title", "summary", "body", "published_at", "authors", "category", "tags")


@dataclass
class World:
    """The site as the days make it. `mode`: None, '503', 'reset', 'wall'; `redesigned` stays once it is set."""

    site: Any = None
    base_url: str = ""
    mode: str | None = None
    redesigned: bool = False
    ready: threading.Event = field(default_factory=threading.Event)


def serve(newsite: ModuleType, world: World) -> None:
    """Serves the site for as long as the process lives."""

    class Site(newsite.Site):  # type: ignore[name-defined,misc]
        def route(self, path: str) -> tuple[Any, ...]:
            kind, content_type, parts, tag, modified = super().route(path)
            if world.redesigned and kind == "article" and parts is not None:
                page = b"".join(parts)
                for old, new in ARTICLES:
                    page = page.replace(old.encode(), new.encode())
                return kind, content_type, (page,), f"{tag}-new", modified
            return kind, content_type, parts, tag, modified

    class Http(newsite.Http):  # type: ignore[name-defined,misc]
        def answer(self, line: str, headers: dict[str, str]) -> None:
            if world.mode == "503":
                self.send("503 Service Unavailable", "text/html", (b"<h1>503</h1>",))
            elif world.mode == "reset":
                self.transport.abort()
            elif world.mode == "wall" and "robots.txt" not in line:
                self.send("200 OK", "text/html; charset=utf-8", (CHALLENGE,))
            else:
                super().answer(line, headers)

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Http, "127.0.0.1", 0)
        world.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        world.site = Http.site = newsite.Http.site = Site(FIRST, 1, "mixed", world.base_url)
        newsite.Http.opts = argparse.Namespace(latency_ms=0, fault_rate=0, gzip=False)
        world.ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    world.ready.wait()


def command(archive: Path, now: datetime, *args: str) -> subprocess.CompletedProcess[str]:
    """One command of newscrawl's, in a process of its own, whose clock begins at `now`."""
    words = [sys.executable, __file__, "--at", now.isoformat(), "--archive", str(archive), *args]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def on_clock(now: datetime, args: list[str]) -> None:
    """What `command` runs."""
    began = monotonic()
    newscrawl(args, obj=App(clock=lambda: now + timedelta(seconds=int(monotonic() - began))))


def rows(archive: Path) -> dict[str, dict[str, Any]]:
    """What the archive says of the articles it has read and does not hold back."""
    found = query(
        archive, f"SELECT key, {', '.join(FIELDS)} FROM export_articles WHERE state = 'stored'"
    )
    return {key: dict(zip(FIELDS, values, strict=True)) for key, *values in found}


def worse(
    before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], world: World
) -> Iterator[str]:
    """Each value that went, and each that became something else than what the site says now."""
    for key, row in before.items():
        now = after.get(key)
        if now is None:
            yield f"{key}: no longer stored"
            continue
        for name in FIELDS:
            if now[name] != row[name] and (now[name] in (None, "", "[]") or name != "body"):
                yield f"{key}: {name}"
        if (
            now["body"] != row["body"]
            and now["body"] != world.site.truth(int(key) - 100_000)["body"]
        ):
            yield f"{key}: body"


def day(number: int, archive: Path, world: World) -> tuple[str, dict[str, Any]]:
    """What the site did, and what the crawl and the health check said."""
    now = START + timedelta(days=number - 1)
    did = [f"{A_DAY} published"] if number > 1 else [f"{FIRST} there"]
    if number > 1:
        world.site.publish(A_DAY)
    for edited in range(number % 3 + 1) if number > 1 else ():
        place = world.site.count - 60 - 70 * edited
        world.site.revisions[place] = world.site.revisions.get(place, 0) + 1
    world.mode = "wall" if number == WALL else OUTAGES.get(number)
    did += {
        "503": ["answers 503"],
        "reset": ["cuts connections"],
        "wall": ["a challenge on every page"],
    }.get(world.mode or "", [])
    if number == REDESIGN:
        world.redesigned = True
        did.append("new design")
    released = 0
    if number == MENDED:
        mend(archive)
        released = json.loads(command(archive, now, "reextract", "bnews", "--json").stdout)[0][
            "released"
        ]
        did.append(f"site file mended: reextract releases {released}")
    quick = ("--base-url", world.base_url, "--set", "DOWNLOAD_DELAY=0", "--json")
    crawled = command(archive, now + timedelta(hours=1), "crawl", "bnews", *quick)
    health = command(archive, now + timedelta(hours=2), "health", "--json")
    return "; ".join(did), {"code": crawled.returncode} | json.loads(crawled.stdout)["sites"][0] | {
        "health": json.loads(health.stdout)[0]
    }


def line(number: int, did: str, gave: dict[str, Any]) -> str:
    """A row of the table."""
    faults = [one["check"] for one in gave["health"]["results"] if one["verdict"] == "failed"]
    lost = {**gave["failed"], **gave["retry"]}
    return (
        f"| {number} | {did} | {gave['code']} {gave['reason']} | {gave['new']} | {gave['changed']} |"
        f" {', '.join(f'{count} {code}' for code, count in lost.items()) or '-'} |"
        f" {gave['health']['verdict']}{': ' if faults else ''}{', '.join(faults)} |"
    )


def month(
    found: Found, newsite: ModuleType, judge: Path, days: int, show: Callable[[str], None]
) -> None:
    """Shows the table and the judgement."""
    world, faults = World(), []
    serve(newsite, world)
    show("| Day | The site | Exit code, reason | New | Changed | Not read | Health |")
    show("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive"
        before: dict[str, dict[str, Any]] = {}
        for number in range(1, days + 1):
            did, gave = day(number, archive, world)
            after = rows(archive)
            faults += list(worse(before, after, world))
            before = after
            show(line(number, did, gave))
        options = (
            "--base-url",
            world.base_url,
            "--set",
            "DOWNLOAD_DELAY=0",
            "--refetch",
            "--quiet",
        )
        command(archive, START + timedelta(days=days), "crawl", "bnews", *options)
        faults += list(worse(before, rows(archive), world))
        truth = Path(folder) / "truth.jsonl"
        truth.write_text(
            "".join(json.dumps(world.site.truth(n)) + "\n" for n in range(world.site.count)),
            "utf-8",
        )
        judged = subprocess.run(
            [sys.executable, str(judge), str(archive / "newscrawl.db"), str(truth)],
            capture_output=True,
            text=True,
        )
    show(
        f"\nRows that were worse after any day: {len(faults)}{''.join(f' ({one})' for one in faults[:5])}."
    )
    show(
        f"After a last `crawl --refetch`, against the site's truth: {judged.stdout.strip().splitlines()[-1]}."
    )
    found.add(Figure(f"{days} days: values that became worse", len(faults), "", at_most=0))
    found.add(Figure(f"{days} days: judge.py's exit code", judged.returncode, "", at_most=0))


def main() -> None:
    """The month, or one command of a day."""
    words = arguments(__doc__)
    words.add_argument("--site", type=Path, default=NEWSITE.parent)
    words.add_argument("--days", type=int, default=30)
    words.add_argument("--write", type=Path)
    asked = words.parse_args()
    path = asked.site / "newsite.py"
    lines: list[str] = []

    def show(text: str) -> None:
        lines.append(text)
        print(text, flush=True)

    with measuring(asked) as found:
        if not path.is_file():
            found.nothing("no folder with newsite.py (--site)")
            return
        month(found, loaded(path), asked.site / "judge.py", asked.days, show)
    if asked.write:
        how = (
            "Written by `python bench/days.py --write docs/a-month-alone.md`, on a simulated clock."
        )
        head = f"# A month alone\n\n{how}\n\n"
        asked.write.write_text(head + "\n".join(lines) + "\n", "utf-8")
    sys.exit(0 if all(figure.met is not False for figure in found.figures) else 1)


def loaded(path: Path) -> ModuleType:
    """newsite.py as a module."""
    spec = importlib.util.spec_from_file_location("newsite", path)
    assert spec is not None
    assert spec.loader is not None
    newsite = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(newsite)
    return newsite


if __name__ == "__main__":
    if sys.argv[1:2] == ["--at"]:
        on_clock(datetime.fromisoformat(sys.argv[2]), sys.argv[3:])
    else:
        main()
