"""Two archives compared by what they say: `python -m tests.support.normalised A B` prints what differs, exit code 1.

Row numbers are replaced by what they stand for (an article by site and key, a category by its key), so that two
archives that saw the same pages in another order are equal. Left out: when and in which crawl something was seen.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

ARTICLE = "(SELECT site || '/' || key FROM articles WHERE id = {})"
CATEGORY = "(SELECT site || '/' || key FROM categories WHERE id = {})"
QUESTIONS = {
    "sites": "SELECT site, name, domain, language, timezone FROM sites",
    "categories": f"SELECT site, key, slug, name, url, {CATEGORY.format('parent_id')} FROM categories",
    "articles": "SELECT site, key, url, state, title, summary, authors, "
    + CATEGORY.format("category_id")
    + ", tags, published_at, published_local, published_raw, published_precision, published_source, modified_at,"
    " language, image_url, word_count, body_hash, template, gone_at IS NOT NULL, revision, provenance FROM articles",
    "bodies": f"SELECT {ARTICLE.format('article_id')}, body FROM bodies",
    "revisions": f"SELECT {ARTICLE.format('article_id')}, revision, title, summary, body, body_hash, modified_at,"
    " template, authors, published_local, published_source FROM revisions",
    "links": f"SELECT {ARTICLE.format('source_id')}, {ARTICLE.format('target_id')}, kind, position, anchor FROM links",
    "aliases": f"SELECT url, {ARTICLE.format('article_id')}, reason FROM aliases",
    "duplicates": f"SELECT min({ARTICLE.format('article_id')}, {ARTICLE.format('other_id')}),"
    f" max({ARTICLE.format('article_id')}, {ARTICLE.format('other_id')}), method, similarity FROM duplicates",
    "page problems": f"SELECT {ARTICLE.format('article_id')}, stage, field, code, raw FROM problems"
    " WHERE stage <> 'fetch'",
    "frontier": f"SELECT url, site, kind, {ARTICLE.format('article_id')}, state FROM frontier WHERE kind = 'article'",
    "listings": f"SELECT {CATEGORY.format('category_id')}, page, position, block,"
    f" {ARTICLE.format('article_id')}, title, summary, published_raw FROM listings",
    "full text": "SELECT a.site || '/' || a.key FROM articles_fts f JOIN articles a ON a.id = f.rowid",
}


def normalised(
    folder: Path, *, leave_out: frozenset[str] = frozenset()
) -> dict[str, list[tuple[object, ...]]]:
    """Every table of an archive as sorted rows without row numbers; listings without repetition."""
    with closing(sqlite3.connect(folder / "newscrawl.db")) as db:
        found = {
            name: [tuple(row) for row in db.execute(sql)]
            for name, sql in QUESTIONS.items()
            if name not in leave_out
        }
    return {
        name: sorted(set(rows) if name == "listings" else rows, key=repr)
        for name, rows in found.items()
    }


def differences(left: Path, right: Path, *, leave_out: frozenset[str] = frozenset()) -> list[str]:
    """A line for each table that differs, with the first rows that one of the two lacks."""
    said = []
    a, b = normalised(left, leave_out=leave_out), normalised(right, leave_out=leave_out)
    for name in a:
        if a[name] != b[name]:
            only_left = [row for row in a[name] if row not in set(b[name])][:2]
            only_right = [row for row in b[name] if row not in set(a[name])][:2]
            said.append(
                f"{name}: {len(a[name])} and {len(b[name])} rows; only left {only_left}; only right {only_right}"
            )
    return said


def main() -> None:
    """Compares the two archives named on the command line."""
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write("".join(f"{line[:2000]}\n" for line in found) or "equal\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
