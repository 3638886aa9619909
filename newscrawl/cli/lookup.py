"""Which article ID-OR-URL names, with an error and a hint if there is none."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from newscrawl.core.errors import UsageError
from newscrawl.core.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.cli.app import App
    from newscrawl.sites.site import Site
    from newscrawl.store.read.lookup import ArticleRef
    from newscrawl.store.read.reader import Reader

HINT = "find it with newscrawl search WORDS, or name it by its URL"


def find_article(app: App, reader: Reader, name: str) -> ArticleRef:
    """The article; UsageError if the archive has none, or several, with this name."""
    from newscrawl.store.read import lookup

    article = lookup.find_article(reader.db, clean_text(name), _sites(app, reader))
    if article is not None:
        return article
    hint = HINT
    row = lookup.by_row(reader.db, clean_text(name))
    if row is not None:
        command = f"{app.command} {click.get_current_context().info_name} '#{row.id}'"
        hint = f"no site has that id, but row {row.id} is {row.site}/{row.key}: {command}"
    raise UsageError(f"the archive has no article {name[:200]!r}", hint)


def _sites(app: App, reader: Reader) -> Iterator[Site]:
    """The site files of the archive's sites, without those that are missing or invalid now."""
    from newscrawl.sites.generic import site_named

    for site in reader.sites():
        with suppress(UsageError):
            yield site_named(site, app.archive)
