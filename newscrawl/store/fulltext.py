"""The full-text index: what it is made of, and what keeps it up to date. A later form of it is a migration."""

from __future__ import annotations

from collections.abc import Iterator

# Takes the bar off đ, as the tokenizer takes the marks off all other letters: `duong sat` finds `Đường sắt` with
# nothing but stock SQLite.
_WITHOUT_BAR = "replace(replace({0}, 'đ', 'd'), 'Đ', 'D') AS {1}"
_TEXTS = ", ".join(
    _WITHOUT_BAR.format(column, name)
    for column, name in (("a.title", "title"), ("a.summary", "summary"), ("b.body", "body"))
)
_ADD = (
    "INSERT INTO articles_fts(rowid, title, summary, body)"
    " SELECT id, title, summary, body FROM article_texts WHERE id = {0}"
)
_TAKE = (
    "INSERT INTO articles_fts(articles_fts, rowid, title, summary, body)"
    " SELECT 'delete', id, title, summary, body FROM article_texts WHERE id = {0}"
)
_NEW_BODY = "UPDATE OF body ON bodies WHEN old.body IS NOT new.body"
_NEW_HEAD = "UPDATE OF title, summary ON articles WHEN old.title IS NOT new.title OR old.summary IS NOT new.summary"
TRIGGERS = {
    "bodies_fts_insert": ("AFTER INSERT ON bodies", _ADD.format("new.article_id")),
    "bodies_fts_delete": ("BEFORE DELETE ON bodies", _TAKE.format("old.article_id")),
    "bodies_fts_before": (f"BEFORE {_NEW_BODY}", _TAKE.format("old.article_id")),
    "bodies_fts_after": (f"AFTER {_NEW_BODY}", _ADD.format("new.article_id")),
    "articles_fts_before": (f"BEFORE {_NEW_HEAD}", _TAKE.format("old.id")),
    "articles_fts_after": (f"AFTER {_NEW_HEAD}", _ADD.format("new.id")),
}


def full_text() -> Iterator[str]:
    """The statements that make the view of the texts, the index whose content it is, and the triggers."""
    texts = f"SELECT a.id AS id, {_TEXTS} FROM bodies b JOIN articles a ON a.id = b.article_id"
    yield f"CREATE VIEW article_texts AS {texts}"
    yield (
        "CREATE VIRTUAL TABLE articles_fts USING fts5(title, summary, body, content='article_texts',"
        " content_rowid='id', tokenize=\"unicode61 remove_diacritics 2\")"
    )
    for name, (when, what) in TRIGGERS.items():
        yield f"CREATE TRIGGER {name} {when} BEGIN {what}; END"
