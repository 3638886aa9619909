"""Two archives' databases united in a third, table by table; docs/merge.md has the rules.

Nothing depends on which of the two came first: rows are numbered by what they say, and ties end in their columns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from newscrawl.store.admin.merge_articles import unite_articles
from newscrawl.store.connection import sort_in_files
from newscrawl.store.write.categories import set_parent
from newscrawl.store.write.duplicates import pair_same_body
from newscrawl.store.write.store import Store

SOURCES = ("a", "b")
# How each table is united; a test holds this against the schema. Those of near copies are filled by `dupes --update`.
UNITED = frozenset(
    "sites categories crawls captures articles bodies revisions links listings aliases frontier problems discoveries"
    " duplicates".split()
)
LEFT_EMPTY = frozenset({"text_bands", "compared_texts"})


def unite(
    target: Store,
    sources: Sequence[Path],
    warc_names: Mapping[tuple[int, str], str],
    on_article: Callable[[], None],
) -> int:
    """Fills `target`, which is empty, from two databases of the same schema; the number of its articles.

    `warc_names`: the new name of a WARC file of source 0 or 1, where it has another one now.
    """
    sort_in_files(target.db)
    target.db.execute(
        "PRAGMA synchronous=OFF"
    )  # the folder has no name yet: after a crash nobody finds it
    with _attached(target, sources) as db, target.transaction():
        _number(
            db,
            "crawls",
            "started_at, site, finished_at, reason, exit_code, options, stats, version",
        )
        _number(db, "categories", "site, key")
        _number(
            db,
            "articles",
            "first_seen, site, key",
            "*, min(first_seen_at) OVER (PARTITION BY site, key) first_seen",
        )
        _recency(db)
        _put(db, "sites", "site", "recency DESC")
        _put(db, "categories", "id", "was_read DESC, recency DESC")
        _put(db, "crawls", "id", "1")
        _parents(db)
        _captures(db, warc_names)
        unite_articles(db, on_article)
        _links(db)
        _put(db, "listings", "crawl_id, category_id, page, position", "seen_at")
        _put(db, "aliases", "url", "reason, article_id", "OR IGNORE")
        _put(db, "discoveries", "source_url, article_id", "seen_at DESC")
        _frontier(db)
        _problems(db)
        _duplicates(db)
    return count_articles(target.db)


def count_articles(db: sqlite3.Connection) -> int:
    """How many articles an archive knows, stubs too."""
    return int(db.execute("SELECT count(*) FROM articles").fetchone()[0])


@contextmanager
def _attached(target: Store, sources: Sequence[Path]) -> Iterator[sqlite3.Connection]:
    for name, path in zip(SOURCES, sources, strict=True):
        target.db.execute(f"ATTACH ? AS {name}", (str(path),))
    yield target.db
    for name in SOURCES:
        target.db.execute(f"DETACH {name}")


def both(table: str) -> str:
    """The rows of both sources, with `src`."""
    return f"(SELECT 0 AS src, * FROM a.{table} UNION ALL SELECT 1 AS src, * FROM b.{table})"


def _number(
    db: sqlite3.Connection, table: str, identity: str, columns: str = "*", source: str | None = None
) -> None:
    """Makes `TABLE_ids`: the new number of each old one. Rows that say the same in `identity` get the same number."""
    db.execute(
        f"CREATE TEMP TABLE {table}_ids (src INTEGER, old INTEGER, new INTEGER, PRIMARY KEY (src, old))"
    )
    db.execute(
        f"INSERT INTO {table}_ids SELECT src, id, dense_rank() OVER (ORDER BY {identity})"
        f" FROM (SELECT {columns} FROM {source or both(table)})"
    )
    db.execute(f"CREATE INDEX temp.{table}_new ON {table}_ids(new)")


def _recency(db: sqlite3.Connection) -> None:
    """When each source last crawled each site: its word on the site's name and categories is the newer one."""
    db.execute(
        "CREATE TEMP TABLE recencies (src INTEGER, site TEXT, at TEXT, PRIMARY KEY (src, site))"
    )
    db.execute(
        f"INSERT INTO recencies SELECT src, site, max(started_at) FROM {both('crawls')} GROUP BY src, site"
    )
    # Pages print a category's name, a site file may have another: who read articles of it knows the printed one.
    db.execute(
        "CREATE TEMP TABLE named_categories (src INTEGER, id INTEGER, PRIMARY KEY (src, id))"
    )
    db.execute(
        "INSERT INTO named_categories SELECT DISTINCT i.src, i.new FROM categories_ids i"
        f" JOIN {both('articles')} r ON r.src = i.src AND r.category_id = i.old WHERE r.revision > 0"
    )


def _mapped(
    db: sqlite3.Connection, table: str, changed: Mapping[str, str] | None = None
) -> tuple[str, list[str]]:
    """A query of both sources' rows of a table with the new numbers, and its columns. `changed`: other expressions."""
    referred = {
        row[3]: row[2]
        for row in db.execute(f"PRAGMA main.foreign_key_list({table})")
        if row[4] == "id"
    }
    names = [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]
    if "id" in names and table != "problems":
        referred["id"] = table
    found = []
    for name in names:
        expression = f"r.{name}"
        if name in referred:
            expression = f"(SELECT i.new FROM {referred[name]}_ids i WHERE i.src = r.src AND i.old = r.{name})"
        found.append(f"{(changed or {}).get(name, expression)} AS {name}")
    return f"SELECT r.src AS src, {', '.join(found)} FROM {both(table)} r", names


def _put(
    db: sqlite3.Connection,
    table: str,
    key: str,
    preferred: str,
    conflict: str = "",
    *,
    changed: Mapping[str, str] | None = None,
    arrival: str | None = None,
) -> None:
    """Writes one row for each `key`: the first by `preferred`, then by all columns."""
    query, names = _mapped(db, table, changed)
    if "recency" in preferred:
        recency = "(SELECT at FROM recencies y WHERE y.src = m.src AND y.site = m.site) AS recency"
        if table == "categories":
            recency += ", EXISTS (SELECT 1 FROM named_categories n WHERE n.src = m.src AND n.id = m.id) AS was_read"
        query = f"SELECT m.*, {recency} FROM ({query}) m"
    columns = [name for name in names if name != "id" or table != "problems"]
    listed = ", ".join(columns)
    db.execute(
        f"INSERT {conflict} INTO main.{table} ({listed}) SELECT {listed} FROM (SELECT *, row_number() OVER"
        f" (PARTITION BY {key} ORDER BY {preferred}, {listed}) AS place FROM ({query}))"
        f" WHERE place = 1 ORDER BY {arrival or key}"
    )


def _parents(db: sqlite3.Connection) -> None:
    """Gaps of categories filled from the other source, and their parents set without a circle."""
    for name in ("slug", "name", "url"):
        db.execute(
            f"UPDATE main.categories SET {name} = (SELECT max(r.{name}) FROM categories_ids i"
            f" JOIN {both('categories')} r ON r.src = i.src AND r.id = i.old"
            f" WHERE i.new = main.categories.id) WHERE {name} IS NULL"
        )
    db.execute("UPDATE main.categories SET parent_id = NULL")
    query, _ = _mapped(db, "categories")
    for row in db.execute(
        f"SELECT m.id, m.parent_id FROM ({query}) m JOIN recencies y ON y.src = m.src AND y.site = m.site"
        " WHERE m.parent_id IS NOT NULL ORDER BY y.at DESC, m.id, m.parent_id"
    ).fetchall():
        set_parent(db, row["id"], row["parent_id"])


def _captures(db: sqlite3.Connection, warc_names: Mapping[tuple[int, str], str]) -> None:
    """One row for each fetch; where both archives have its bytes, one pointer to them."""
    db.execute(
        "CREATE TEMP TABLE warc_names (src INTEGER, old TEXT, new TEXT, PRIMARY KEY (src, old))"
    )
    rows = [(src, old, new) for (src, old), new in warc_names.items()]
    db.executemany("INSERT INTO warc_names VALUES (?, ?, ?)", rows)
    crawl = "SELECT r.*, (SELECT new FROM crawls_ids i WHERE i.src = r.src AND i.old = r.crawl_id) AS crawl"
    _number(
        db,
        "captures",
        "fetched_at, url, kind, status, crawl, payload_digest, etag, last_modified",
        source=f"({crawl} FROM {both('captures')} r)",
    )
    name = "ifnull((SELECT n.new FROM warc_names n WHERE n.src = r.src AND n.old = r.warc_file), r.warc_file)"
    _put(
        db,
        "captures",
        "id",
        "warc_file IS NULL, warc_file, warc_offset",
        changed={"warc_file": name},
    )


def _links(db: sqlite3.Connection) -> None:
    """First seen by the one, last seen by the other; place and words as the later one saw them."""
    query, names = _mapped(db, "links")
    key = "PARTITION BY source_id, target_id, kind"
    chosen = {
        "first_seen_at": "first_value(first_seen_at) OVER early",
        "first_crawl_id": "first_value(first_crawl_id) OVER early",
        "anchor": f"first_value(anchor) OVER ({key} ORDER BY anchor IS NULL, last_seen_at DESC, last_crawl_id, anchor)",
    }
    values = ", ".join(f"{chosen.get(name, name)} AS {name}" for name in names)
    db.execute(
        f"INSERT INTO main.links ({', '.join(names)}) SELECT {', '.join(names)} FROM (SELECT {values},"
        f" row_number() OVER ({key} ORDER BY last_seen_at DESC, last_crawl_id DESC, position, anchor) AS place"
        f" FROM ({query}) WINDOW early AS ({key} ORDER BY first_seen_at, first_crawl_id)) WHERE place = 1"
        " ORDER BY source_id, target_id, kind"
    )


def _frontier(db: sqlite3.Connection) -> None:
    """An article is done where either has it; a list that either still has to walk is walked: its pages move."""
    rank = (
        "CASE WHEN kind = 'article' THEN instr('done pending failed', state)"
        " ELSE instr('pending done failed', state) END"
    )
    fetched = "(SELECT c.fetched_at FROM main.captures c WHERE c.id = capture_id)"
    _put(
        db, "frontier", "url", f"{rank}, {fetched} DESC, attempts DESC, not_before DESC",
        arrival="kind, article_id, page, url",
    )  # fmt: skip


def _problems(db: sqlite3.Connection) -> None:
    """What one page said twice is one problem, as in one archive; what has no article is told once for each crawl."""
    told = "iif(article_id IS NULL, crawl_id || ' ' || stage || seen_at || message, '')"
    _put(
        db, "problems", f"article_id, url, code, field, raw, {told}", "seen_at",
        arrival="seen_at, url, stage, code, field, raw",
    )  # fmt: skip


def _duplicates(db: sqlite3.Connection) -> None:
    """Equal texts by their hashes; near pairs of texts that are what they were."""
    for row in db.execute(
        "SELECT id, length(body) AS length FROM main.articles JOIN main.bodies ON article_id = id"
        " WHERE substr(body_hash, 8, 16) IN (SELECT substr(body_hash, 8, 16) FROM"
        " main.articles WHERE body_hash IS NOT NULL GROUP BY 1 HAVING count(*) > 1) ORDER BY id"
    ).fetchall():
        pair_same_body(db, row["id"], row["length"])
    query, _ = _mapped(db, "duplicates")
    kept = " AND ".join(
        f"(SELECT n.body_hash FROM main.articles n WHERE n.id = m.{end}) IS (SELECT o.body_hash FROM articles_ids i"
        f" JOIN {both('articles')} o ON o.src = i.src AND o.id = i.old WHERE i.src = m.src AND i.new = m.{end})"
        for end in ("article_id", "other_id")
    )
    db.execute(
        "INSERT OR IGNORE INTO main.duplicates SELECT min(article_id, other_id), max(article_id, other_id), method,"
        f" similarity FROM ({query}) m WHERE method <> 'exact' AND {kept}"
    )
