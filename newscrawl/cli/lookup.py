"""Which article ID-OR-URL names, with an error and a hint if there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from newscrawl.core.errors import UsageError
from newscrawl.core.text import clean_text

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.store.read.lookup import ArticleRef
    from newscrawl.store.read.reader import Reader

HINT = "find it with newscrawl search WORDS, or name it by its URL"


def find_article(app: App, reader: Reader, name: str) -> ArticleRef:
    """The article; UsageError if the archive has none, or several, with this name."""
    from newscrawl.sites.generic import known_sites
    from newscrawl.store.read import lookup

    sites = known_sites(reader.sites(), app.archive)
    article = lookup.find_article(reader.db, clean_text(name), sites)
    if article is not None:
        return article
    hint = HINT
    row = lookup.by_row(reader.db, clean_text(name))
    if row is not None:
        command = f"{app.command} {click.get_current_context().info_name} '#{row.id}'"
        hint = f"no site has that id, but row {row.id} is {row.site}/{row.key}: {command}"
    raise UsageError(f"the archive has no article {name[:200]!r}", hint)
