"""Unites the databases of two archives in a third, table by table; docs/merge.md has the rules.

The result does not depend on which of the two came first: rows are numbered by their content, and
ties are broken by all columns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from newscrawl.store.admin.merge_articles import unite_articles
from newscrawl.store.connection import attach, sort_in_files
from newscrawl.store.schema.frontier_of_sites import ONE_ADDRESS
from newscrawl.store.write.categories import set_parent
from newscrawl.store.write.duplicates import pair_same_body
from newscrawl.store.write.store import Store

SOURCES = ("a", "b")
# The tables that are united; a test compares them with the schema. `dupes --update` fills those of
# near copies.
UNITED = frozenset(
    "sites categories crawls captures articles bodies revisions links listings aliases frontier"
    " problems discoveries duplicates reextractions unresolved_revisits".split()
)
NUMBERED = frozenset(
    {"crawls", "categories", "captures", "articles"}
)  # rows with an id that others refer to
LEFT_EMPTY = frozenset(
    "text_bands compared_texts backfill_questions backfill_captures backfill_rests".split()
)
FILLED_BY_TRIGGERS = frozenset(
    {
        "article_states",
        "uncompared_texts",
        "link_counts",
        "publication_days",
        "publication_hours",
        "site_links",
    }
)


def unite(
    target: Store,
    sources: Sequence[Path],
    warc_names: Mapping[tuple[int, str], str],
    on_article: Callable[[], None],
) -> int:
    """Fills the empty `target` from two databases of the same schema; the number of its articles.

    `warc_names` has the new name of a WARC file of source 0 or 1, if it was renamed.
    """
    sort_in_files(target.db)
    # The folder gets its name once it is complete, so nobody finds it after a crash.
    target.db.execute("PRAGMA synchronous=OFF")
    with _attached(target, sources) as db, target.transaction():
        db.execute("PRAGMA defer_foreign_keys=ON")  # captures name articles, which come later
        _number_rows(db)
        _note_recency(db)
        _put(db, "sites", key="site", preferred="recency DESC")
        _put(db, "categories", key="id", preferred="was_read DESC, recency DESC")
        _put(db, "crawls", key="id", preferred="1")
        _complete_categories(db)
        _unite_captures(db, warc_names)
        unite_articles(db, on_article)
        _unite_links(db)
        _put(db, "listings", key="crawl_id, category_id, page, position", preferred="seen_at")
        _put(db, "aliases", key="url", preferred="reason, article_id", conflict="OR IGNORE")
        _put(db, "discoveries", key="source_url, article_id", preferred="seen_at DESC")
        _put(db, "reextractions", key="site", preferred="started_at")
        _put(db, "unresolved_revisits", key="url, fetched_at", preferred="source")
        _unite_frontiers(db)
        _unite_problems(db)
        _unite_duplicates(db)
    return count_articles(target.db)


def count_articles(db: sqlite3.Connection) -> int:
    """How many articles an archive knows, including stubs."""
    return int(db.execute("SELECT count(*) FROM articles").fetchone()[0])


@contextmanager
def _attached(target: Store, sources: Sequence[Path]) -> Iterator[sqlite3.Connection]:
    for name, path in zip(SOURCES, sources, strict=True):
        attach(target.db, path, name)
    yield target.db
    for name in SOURCES:
        target.db.execute(f"DETACH {name}")


def both(table: str) -> str:
    """The rows of a table in both sources; the column `src` is 0 or 1."""
    return f"(SELECT 0 AS src, * FROM a.{table} UNION ALL SELECT 1 AS src, * FROM b.{table})"


def _number_rows(db: sqlite3.Connection) -> None:
    """Makes the new numbers of crawls, categories and articles.

    Those of captures need the crawls' numbers.
    """
    crawl = "started_at, site, finished_at, reason, exit_code, options, stats, version"
    _number(db, "crawls", identity=crawl, source=both("crawls"))
    _number(db, "categories", identity="site, key", source=both("categories"))
    first_seen = "min(first_seen_at) OVER (PARTITION BY site, key) AS first_seen"
    articles = f"(SELECT *, {first_seen} FROM {both('articles')})"
    _number(db, "articles", identity="first_seen, site, key", source=articles)


def _number(db: sqlite3.Connection, table: str, *, identity: str, source: str) -> None:
    """Makes `TABLE_ids`, the new number of each old one.

    Rows with the same `identity` get the same number.
    """
    db.execute(
        f"CREATE TEMP TABLE {table}_ids"
        " (src INTEGER, old INTEGER, new INTEGER, PRIMARY KEY (src, old))"
    )
    db.execute(
        f"INSERT INTO {table}_ids"
        f" SELECT src, id, dense_rank() OVER (ORDER BY {identity}) FROM {source}"
    )
    db.execute(f"CREATE INDEX temp.{table}_new ON {table}_ids(new)")


def _note_recency(db: sqlite3.Connection) -> None:
    """Notes when each source last crawled each site.

    The later source has the newer name and categories of a site.
    """
    db.execute(
        "CREATE TEMP TABLE recencies (src INTEGER, site TEXT, at TEXT, PRIMARY KEY (src, site))"
    )
    db.execute(
        "INSERT INTO recencies SELECT src, site, max(started_at)"
        f" FROM {both('crawls')} GROUP BY src, site"
    )
    # Pages print the name of a category, and a site file may have another one: the source that read
    # articles of the category knows the printed name.
    db.execute(
        "CREATE TEMP TABLE named_categories (src INTEGER, id INTEGER, PRIMARY KEY (src, id))"
    )
    db.execute(
        "INSERT INTO named_categories SELECT DISTINCT i.src, i.new FROM categories_ids i"
        f" JOIN {both('articles')} r ON r.src = i.src AND r.category_id = i.old"
        " WHERE r.revision > 0"
    )


def _renumbered(
    db: sqlite3.Connection, table: str, replaced: Mapping[str, str] | None = None
) -> tuple[str, list[str]]:
    """A query of the rows of both sources with the new numbers, and its columns.

    `replaced` has expressions for columns that are not copied unchanged.
    """
    expressions: dict[str, str] = {}
    references = _references(db, table)
    for row in db.execute(f"PRAGMA main.table_info({table})"):
        column: str = row["name"]
        expressions[column] = f"r.{column}"
        if column in references:
            ids = f"{references[column]}_ids"
            expressions[column] = (
                f"(SELECT i.new FROM {ids} i WHERE i.src = r.src AND i.old = r.{column})"
            )
    expressions |= replaced or {}
    selected = ", ".join(f"{expression} AS {column}" for column, expression in expressions.items())
    return f"SELECT r.src AS src, {selected} FROM {both(table)} r", list(expressions)


def _references(db: sqlite3.Connection, table: str) -> dict[str, str]:
    """The columns that hold the number of a row, and the table of that row.

    Problems get new numbers.
    """
    references: dict[str, str] = {}
    for row in db.execute(f"PRAGMA main.foreign_key_list({table})"):
        if row["to"] == "id":
            references[row["from"]] = row["table"]
    if table in NUMBERED:
        references["id"] = table
    return references


def _put(
    db: sqlite3.Connection,
    table: str,
    *,
    key: str,
    preferred: str,
    conflict: str = "",
    replaced: Mapping[str, str] | None = None,
    order: str | None = None,
) -> None:
    """Writes one row for each `key`: the first one by `preferred`, then by all columns."""
    query, columns = _renumbered(db, table, replaced)
    if table in ("sites", "categories"):
        query = f"SELECT m.*, {_recency(table)} FROM ({query}) m"
    if table == "problems":
        columns.remove("id")
    names = ", ".join(columns)
    db.execute(
        f"""
        INSERT {conflict} INTO main.{table} ({names})
        SELECT {names} FROM (
            SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {preferred}, {names}) AS place
            FROM ({query})
        )
        WHERE place = 1 ORDER BY {order or key}
        """
    )


def _recency(table: str) -> str:
    """Columns for a row `m`: how recent its source is, and whether it read the category."""
    recency = "(SELECT at FROM recencies y WHERE y.src = m.src AND y.site = m.site) AS recency"
    if table == "categories":
        recency += (
            ", EXISTS (SELECT 1 FROM named_categories n WHERE n.src = m.src AND n.id = m.id)"
            " AS was_read"
        )
    return recency


def _complete_categories(db: sqlite3.Connection) -> None:
    """Fills gaps of categories from the other source, and sets parents without a circle."""
    for column in ("slug", "name", "url"):
        db.execute(
            f"""
            UPDATE main.categories SET {column} = (
                SELECT max(r.{column}) FROM categories_ids i
                JOIN {both("categories")} r ON r.src = i.src AND r.id = i.old
                WHERE i.new = main.categories.id
            )
            WHERE {column} IS NULL
            """
        )
    db.execute("UPDATE main.categories SET parent_id = NULL")
    query, _ = _renumbered(db, "categories")
    rows = db.execute(
        f"SELECT m.id, m.parent_id FROM ({query}) m"
        " JOIN recencies y ON y.src = m.src AND y.site = m.site"
        " WHERE m.parent_id IS NOT NULL ORDER BY y.at DESC, m.id, m.parent_id"
    ).fetchall()
    for row in rows:
        set_parent(db, row["id"], row["parent_id"])


def _unite_captures(db: sqlite3.Connection, warc_names: Mapping[tuple[int, str], str]) -> None:
    """Writes one row for each fetch, with one place of its bytes if both archives have them."""
    db.execute(
        "CREATE TEMP TABLE warc_names (src INTEGER, old TEXT, new TEXT, PRIMARY KEY (src, old))"
    )
    rows = [(src, old, new) for (src, old), new in warc_names.items()]
    db.executemany("INSERT INTO warc_names VALUES (?, ?, ?)", rows)
    crawl = "(SELECT new FROM crawls_ids i WHERE i.src = r.src AND i.old = r.crawl_id)"
    _number(
        db,
        "captures",
        identity="fetched_at, url, kind, status, crawl, payload_digest, etag, last_modified",
        source=f"(SELECT r.*, {crawl} AS crawl FROM {both('captures')} r)",
    )
    new_name = "(SELECT n.new FROM warc_names n WHERE n.src = r.src AND n.old = r.warc_file)"
    _put(
        db,
        "captures",
        key="id",
        preferred="warc_file IS NULL, warc_file, warc_offset",
        replaced={"warc_file": f"ifnull({new_name}, r.warc_file)"},
    )


def _unite_links(db: sqlite3.Connection) -> None:
    """Writes each link with its earliest and its latest sighting.

    Position and anchor are those of the latest.
    """
    query, columns = _renumbered(db, "links")
    expressions = {column: column for column in columns} | {
        "first_seen_at": "first_value(first_seen_at) OVER earliest",
        "first_crawl_id": "first_value(first_crawl_id) OVER earliest",
        "anchor": "first_value(anchor) OVER latest_anchor",
    }
    selected = ", ".join(f"{expression} AS {column}" for column, expression in expressions.items())
    names = ", ".join(columns)
    link = "PARTITION BY source_id, target_id, kind"
    db.execute(
        f"""
        INSERT INTO main.links ({names}) SELECT {names} FROM (
            SELECT {selected}, row_number() OVER latest AS place FROM ({query})
            WINDOW earliest AS ({link} ORDER BY first_seen_at, first_crawl_id),
                latest AS ({link} ORDER BY last_seen_at DESC, last_crawl_id DESC, position, anchor),
                latest_anchor AS
                    ({link} ORDER BY anchor IS NULL, last_seen_at DESC, last_crawl_id, anchor)
        )
        WHERE place = 1 ORDER BY source_id, target_id, kind
        """
    )


def _unite_frontiers(db: sqlite3.Connection) -> None:
    """Writes one task for each address of a site.

    An article that either source has is done. A category page that either has to read is read: its
    content moves.
    """
    state = (
        "CASE WHEN kind = 'article' THEN instr('done pending failed spare', state)"
        " ELSE instr('pending done failed', state) END"
    )
    fetched_at = "(SELECT c.fetched_at FROM main.captures c WHERE c.id = capture_id)"
    _put(
        db,
        "frontier",
        key="url, site",
        preferred=f"{state}, {fetched_at} DESC, attempts DESC, not_before DESC",
        order="kind, article_id, page, url, site",
    )
    db.execute(ONE_ADDRESS)
    # One archive may have read an article whose address led to another one in the other archive.
    db.execute(
        "DELETE FROM main.aliases WHERE reason = 'redirect' AND EXISTS ("
        " SELECT 1 FROM main.frontier f WHERE f.url = aliases.url"
        " AND f.article_id <> aliases.article_id AND f.capture_id IS NOT NULL)"
    )


def _unite_problems(db: sqlite3.Connection) -> None:
    """Writes the same problem of an article once, as in one archive.

    A problem without an article is written once per crawl and moment.
    """
    occurrence = "iif(article_id IS NULL, crawl_id || ' ' || stage || seen_at || message, '')"
    _put(
        db,
        "problems",
        key=f"article_id, url, code, field, raw, {occurrence}",
        preferred="seen_at",
        order="seen_at, url, stage, code, field, raw",
    )


def _unite_duplicates(db: sqlite3.Connection) -> None:
    """Pairs equal texts by their hashes, and takes near pairs whose texts are unchanged."""
    rows = db.execute(
        """
        SELECT id, length(body) AS length FROM main.articles JOIN main.bodies ON article_id = id
        WHERE substr(body_hash, 8, 16) IN (
            SELECT substr(body_hash, 8, 16) FROM main.articles WHERE body_hash IS NOT NULL
            GROUP BY 1 HAVING count(*) > 1
        )
        ORDER BY id
        """
    )
    for row in rows:
        pair_same_body(db, row["id"], row["length"])
    query, _ = _renumbered(db, "duplicates")
    db.execute(
        f"""
        INSERT OR IGNORE INTO main.duplicates
        SELECT min(article_id, other_id), max(article_id, other_id), method, similarity
        FROM ({query}) m
        WHERE method <> 'exact' AND {_has_same_text("article_id")} AND {_has_same_text("other_id")}
        """
    )


def _has_same_text(column: str) -> str:
    """A condition that the text of an article of a pair `m` is that of the source of the pair.

    A plus keeps SQLite from looking at all articles of the source for each pair.
    """
    return f"""
        (SELECT n.body_hash FROM main.articles n WHERE n.id = m.{column}) IS (
            SELECT o.body_hash FROM articles_ids i
            JOIN {both("articles")} o ON o.src = i.src AND o.id = i.old
            WHERE +i.src = m.src AND i.new = m.{column}
        )
    """
