"""Odd values for every column of an archive, and every command that may meet them.

`python -m tests.support.odd_values [TABLE.COLUMN…]` runs all commands over each column with each
value, one at a time, which takes long, and prints what ends with an internal error.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from newscrawl.cli.main import main as command_line
from newscrawl.core.folder import DATABASE
from newscrawl.demo.server import DemoServer
from tests.support import foreign_archives
from tests.support.crawling import crawl, newscrawl
from tests.support.foreign_archives import Stored, story

# Each is an SQL expression.
ODD_VALUES: Mapping[str, str] = {
    "null": "NULL",
    "blob": "x'00ff'",
    "blob_of_letters": "CAST('paper' AS BLOB)",
    "surrogate": "CAST(x'eda080' AS TEXT)",
    "no_utf8": "CAST(x'c328' AS TEXT)",
    "empty": "''",
    "words": "'not what it should be'",
    "number_as_text": "'12'",
    "huge": "9223372036854775807",
    "negative": "-1",
    "fraction": "1e308",
    "infinite": "9e999",
    "json_cut": """'{"a": ['""",
    "json_list": """'[1, {"a": null}, [[]]]'""",
    "json_object": """'{"new": "x", "failed": [1], "title": 5, "urls": 7, "base_url": 9}'""",
    "json_surrogate": """'["\\ud800"]'""",
    "json_object_surrogate": """'{"title": "\\ud800"}'""",
    "json_deep": "replace(hex(zeroblob(5000)), '00', '[')",
    "json_digits": "'{\"new\": ' || replace(hex(zeroblob(5000)), '00', '9') || '}'",
    "json_nan": """'{"new": NaN, "seconds": 1e999}'""",
    "year_9999": "'9999-12-31T23:59:59Z'",
    "year_9999_local": "'9999-12-31T23:59:59-11:00'",
    "year_0": "'0000-00-00T00:00:00Z'",
    "february_30": "'2026-02-30T10:00:00Z'",
    "date_alone": "'2026-02'",
    "zone": "'Mars/Olympus'",
    "zone_path": "'../../etc/passwd'",
    "path_out": "'../../outside'",
    "path_absolute": "'/newscrawl-outside'",
    "address_broken": "'http://[news'",
    "address_script": "'javascript:alert(1)'",
    "nul": "'a' || char(0) || 'b'",
    "escape": "char(27) || ']0;owned' || char(7)",
    "long": "replace(hex(zeroblob(50000)), '00', 'ab ')",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of the archive."""

    table: str
    name: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


def small_archive(folder: Path) -> Path:
    """A real archive with its raw pages, in which every table has rows."""
    with DemoServer() as server:
        first = ("--limit", "5", "--max-pages", "1", "--discover", "category,feed,sitemap")
        crawl(server, folder, *first, "--since", "2026-01")
        server.publish_edition_two()
        crawl(server, folder, "--refetch", "--limit", "3", "--max-pages", "1")
    assert newscrawl("dupes", "--update", archive=folder).returncode == 0
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.executescript(FILL)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for table in {column.table for column in columns(folder)}:
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() > (0,), table
    return folder


FILL = """
INSERT OR IGNORE INTO aliases (url, article_id, reason)
    SELECT url || '?old', id, 'slug' FROM articles WHERE revision > 0 ORDER BY id LIMIT 1;
INSERT OR IGNORE INTO duplicates (article_id, other_id, method, similarity)
    SELECT min(id), max(id), 'minhash', 0.9 FROM articles WHERE revision > 0;
INSERT OR IGNORE INTO text_bands (band, article_id)
    SELECT 7, min(id) FROM articles WHERE revision > 0;
INSERT INTO problems (crawl_id, url, article_id, stage, field, code, message, raw, seen_at)
    SELECT 1, url, id, 'times', 'published', 'impossible', 'no such day', 'x', fetched_at
    FROM articles WHERE revision > 0 ORDER BY id LIMIT 1;
INSERT INTO revisions SELECT article_id, 2, fetched_at, title || ' (updated)', summary, body,
    body_hash, modified_at, capture_id, template, extractor, authors, published_local,
    published_source FROM revisions WHERE article_id = 1;
UPDATE articles SET revision = 2 WHERE id = 1;
INSERT INTO reextractions (site, started_at, pages, pages_read)
    SELECT site, '2026-09-01T06:00:00Z', 5, 3 FROM sites LIMIT 1;
INSERT INTO unresolved_revisits SELECT url, fetched_at, 200, '[["Server", "x"]]', url, fetched_at,
    payload_digest, 'file', '<urn:x>', 'x.warc.gz at 0' FROM captures LIMIT 1;
INSERT OR IGNORE INTO link_counts SELECT id, 1, 1, 0, 0 FROM articles LIMIT 1;
INSERT INTO backfill_questions SELECT site, 'wayback', 'https://web.archive.org/cdx', 'x', 0
    FROM sites LIMIT 1;
INSERT INTO backfill_captures SELECT 1, site, 'wayback', 'https://paper.example/x/1.html',
    '2026-09-01T06:00:00Z', 'article', '1', 1, 200, 'X', 'https://web.archive.org/web/x', 0, 9,
    'fetched', 'http_503', (SELECT min(id) FROM captures), x'00' FROM sites LIMIT 1;
INSERT INTO backfill_rests VALUES ('web.archive.org', '2026-09-01T06:00:00Z');
INSERT INTO uncompared_texts SELECT id FROM articles WHERE revision > 0 LIMIT 1;
INSERT INTO site_links SELECT site, 'other', 1 FROM sites LIMIT 1;
UPDATE categories SET parent_id = (SELECT min(id) FROM categories) WHERE id = 2;
UPDATE articles SET gone_at = fetched_at, modified_at = fetched_at
    WHERE id = (SELECT max(id) FROM articles WHERE revision > 0);
"""


def columns(folder: Path) -> list[Column]:
    """Every column of every table, without those of SQLite, of migrations and of the index."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        rows = db.execute(
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND m.name NOT GLOB 'sqlite_*' AND m.name NOT GLOB '[_]*'"
            " AND m.name NOT GLOB 'articles_fts*' ORDER BY m.rowid, c.cid"
        )
        return [Column(*row) for row in rows]


def spoil(folder: Path, places: Sequence[Column], value: str) -> list[Column]:
    """Writes the value into each of these columns of all rows of an archive, where SQLite can.

    Where all rows cannot have the same, one row gets it. The columns that have it.
    """
    path = folder / DATABASE
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE type = 'table'"
            " AND name NOT GLOB 'articles_fts*'"
        )
        db.commit()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        return [place for place in places if _write(db, place, value)]


def _write(db: sqlite3.Connection, place: Column, value: str) -> bool:
    update = f"UPDATE {place.table} SET {place.name} = {value}"
    one = f" WHERE {place.name} IN (SELECT {place.name} FROM {place.table} LIMIT 1)"
    for statement in (update, update + one):
        try:
            db.execute(statement)
        except sqlite3.Error:
            continue
        return True
    return False


def commands(out: Path) -> Iterator[tuple[str, ...]]:
    """The arguments of every command that reads an archive, then of those that write to it."""
    yield "show", "#1"
    for option in ("--json", "--explain", "--html", "--revisions"):
        yield "show", "#1", option
    yield "links", "#1"
    yield "links", "#1", "--depth", "2", "--json"
    yield "diff", "#1", "--all"
    yield ("status",)
    yield "status", "--json"
    yield "health", "--all"
    yield "health", "--json"
    yield "problems", "--all"
    yield "problems", "--json"
    yield "search", "the"
    yield "search", "harbour", "--json", "--sort", "time", "--since", "2020-01-01"
    yield "volume", "the"
    yield "volume", "harbour", "--by", "author", "--share", "--json"
    yield "volume", "the", "--by", "category", "--csv"
    yield "links", "--json"
    yield ("diff",)
    yield "diff", "--json"
    yield "front", "demo"
    yield "front", "demo", "--json"
    yield ("completeness",)
    yield "completeness", "demo", "--json", "--all"
    yield ("dupes",)
    yield "dupes", "--json"
    yield "schedule", "demo"
    yield ("doctor",)
    for table in ("articles", "links", "listings", "revisions"):
        yield "export", table
        yield "export", table, "--format", "jsonl"
        yield "export", table, "--format", "parquet", "-o", str(out / f"{table}.parquet")
    yield "export", "articles", "--excel", "--since", "2020-01-01", "--stubs"
    yield "export", "graph", "--format", "gexf", "-o", str(out / "graph.gexf")
    yield "export", "graph", "--format", "graphml", "-o", str(out / "graph.graphml")
    yield "verify", "--jobs", "1"
    yield "backup", str(out / "backup.db")
    yield "release", str(out / "release"), "--title", "T", "--author", "A", "--license", "CC0-1.0"
    yield "release", str(out / "bare"), "--no-text", "--title", "T", "--author", "A"
    yield "crawl", "demo", "--dry-run"
    yield "reextract", "--dry-run", "--jobs", "1"
    yield "dupes", "--update", "--jobs", "1"
    yield "reextract", "--jobs", "1"
    page = Stored(url="https://bnews.vn/a/1.html", at="2020-01-02T00:00:00Z", body=story(1))
    yield "import", str(foreign_archives.write(out, "foreign.warc.gz", [page]))
    yield ("maintain",)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit code, and what it said on stderr, or the error it raised."""

    arguments: tuple[str, ...]
    code: int
    message: str

    @property
    def is_right(self) -> bool:
        """Whether it ended well, or with a line about the damage."""
        lines = self.message.splitlines()
        if self.code == 5:
            return bool(lines)
        may_fail = self.arguments[0] in MAY_END
        return self.code == 0 or (may_fail and self.code in MAY_END[self.arguments[0]])


# 3: a check has failed; 2: the archive has no raw page, category page or second revision any more.
MAY_END: Mapping[str, frozenset[int]] = {
    "health": frozenset({3}),
    "show": frozenset({2}),
    "front": frozenset({2}),
    "diff": frozenset({2}),
}


def run(folder: Path, arguments: tuple[str, ...]) -> Ended:
    """A command in this process."""
    done = CliRunner().invoke(command_line, ["--archive", str(folder), *arguments])
    message = done.stderr
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        message = f"internal: {type(done.exception).__name__}: {done.exception}"
    return Ended(arguments, done.exit_code, message)


def run_all(folder: Path, out: Path) -> list[Ended]:
    """Every command on one archive, those that write last."""
    out.mkdir(exist_ok=True)
    return [run(folder, arguments) for arguments in commands(out)]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    wanted = set(sys.argv[1:])
    dice = random.Random(2)
    with tempfile.TemporaryDirectory() as work:
        archive = small_archive(Path(work) / "whole")
        places = [place for place in columns(archive) if not wanted or str(place) in wanted]
        pairs = [(place, name) for place in places for name in ODD_VALUES]
        dice.shuffle(pairs)
        for number, (place, name) in enumerate(pairs):
            folder = Path(shutil.copytree(archive, Path(work) / "a" / "b" / "archive"))
            if spoil(folder, [place], ODD_VALUES[name]):
                for ended in run_all(folder, Path(work) / "out"):
                    if not ended.is_right:
                        say(f"{place} {name}: {ended}")
            shutil.rmtree(Path(work) / "a")
            shutil.rmtree(Path(work) / "out", ignore_errors=True)
            say(f"{number + 1} of {len(pairs)}")


if __name__ == "__main__":
    main()
