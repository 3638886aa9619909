"""The migration that lets a search name a field, in the spelling of its choice, as statements.

It never changes: later changes are migrations.

`remove_diacritics` takes the marks off letters but not the bar off đ. So each text that has a đ is
indexed a second time, in a `folded_` column, with d for it: `duong sat` finds `Đường sắt` with
nothing but stock SQLite. Between two names stands a letter of Unicode's private use area, which is
a word for the tokenizer: no phrase reaches from one name into the next.
"""

from __future__ import annotations

_TRIGGERS = (
    "bodies_fts_insert",
    "bodies_fts_delete",
    "bodies_fts_before",
    "bodies_fts_after",
    "articles_fts_before",
    "articles_fts_after",
)
_COLUMNS = (
    "title, summary, body, authors, tags,"
    " folded_title, folded_summary, folded_body, folded_authors, folded_tags"
)
_BETWEEN_NAMES = "' \ue000 '"


def _folded(column: str) -> str:
    return (
        f"CASE WHEN instr({column}, 'đ') OR instr({column}, 'Đ')"
        f" THEN replace(replace({column}, 'đ', 'd'), 'Đ', 'D') END AS folded_{column}"
    )


def _names(column: str) -> str:
    """The names in a JSON array, as text: FTS5 refuses a view that uses json_each."""
    without_escaped_quotes = rf"""replace(a.{column}, '\"', ' ')"""
    first = f"""replace({without_escaped_quotes}, '", "', {_BETWEEN_NAMES})"""
    return f"""replace({first}, '","', {_BETWEEN_NAMES}) AS {column}"""


_INDEXED = f"INSERT INTO articles_fts(rowid, {_COLUMNS}) SELECT * FROM article_texts WHERE id ="
_REMOVED = (
    f"INSERT INTO articles_fts(articles_fts, rowid, {_COLUMNS})"
    " SELECT 'delete', * FROM article_texts WHERE id ="
)
_BODY_CHANGED = "UPDATE OF body ON bodies WHEN old.body IS NOT new.body"
_ARTICLE_CHANGED = (
    "UPDATE OF title, summary, authors, tags ON articles WHEN old.title IS NOT new.title"
    " OR old.summary IS NOT new.summary OR old.authors IS NOT new.authors"
    " OR old.tags IS NOT new.tags"
)

FULL_TEXT_BY_FIELD = (
    *(f"DROP TRIGGER {name}" for name in _TRIGGERS),
    "DROP TABLE articles_fts",
    "DROP VIEW article_texts",
    f"""
    CREATE VIEW article_texts AS
    SELECT id, title, summary, body, authors, tags,
        {_folded("title")}, {_folded("summary")}, {_folded("body")},
        {_folded("authors")}, {_folded("tags")}
    FROM (
        SELECT a.id AS id, a.title AS title, a.summary AS summary, b.body AS body,
            {_names("authors")}, {_names("tags")}
        FROM bodies b JOIN articles a ON a.id = b.article_id
    )
    """,
    # sqlite-utils and Datasette find the index of a table by the text in this comment.
    f"""
    CREATE VIRTUAL TABLE articles_fts USING fts5 /* content="articles" */ (
        {_COLUMNS},
        content='article_texts', content_rowid='id', tokenize="unicode61 remove_diacritics 2"
    )
    """,
    f"CREATE TRIGGER bodies_fts_insert AFTER INSERT ON bodies BEGIN {_INDEXED} new.article_id; END",
    f"CREATE TRIGGER bodies_fts_delete BEFORE DELETE ON bodies"
    f" BEGIN {_REMOVED} old.article_id; END",
    f"CREATE TRIGGER bodies_fts_before BEFORE {_BODY_CHANGED} BEGIN {_REMOVED} old.article_id; END",
    f"CREATE TRIGGER bodies_fts_after AFTER {_BODY_CHANGED} BEGIN {_INDEXED} new.article_id; END",
    f"CREATE TRIGGER articles_fts_before BEFORE {_ARTICLE_CHANGED} BEGIN {_REMOVED} old.id; END",
    f"CREATE TRIGGER articles_fts_after AFTER {_ARTICLE_CHANGED} BEGIN {_INDEXED} new.id; END",
    "INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')",
    # See m005_full_text_is_joined_by_maintain.
    "INSERT INTO articles_fts(articles_fts, rank) VALUES ('automerge', 0)",
)
