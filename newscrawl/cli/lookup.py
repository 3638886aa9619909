"""Finds the article that a person means: by the site's own id, SITE/ID, #n, or any of its addresses."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from newscrawl.core.errors import UsageError
from newscrawl.core.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newscrawl.cli.app import App
    from newscrawl.sites.site import Site
    from newscrawl.store.read.reader import ArticleRef, Reader

HINT = "look for it with: newscrawl search WORDS, or name it by its URL"


def find_article(app: App, reader: Reader, asked: str) -> ArticleRef:
    """The article; UsageError where the archive has none such, or several."""
    name = clean_text(asked)
    if name.startswith("#"):
        found = _by_row(reader, name[1:])
    elif "://" in name:
        found = _by_url(app, reader, name)
    else:
        found = _by_key(reader, name) or _by_site_and_key(app, reader, name)
    if found is None:
        raise UsageError(
            f"the archive has no article {asked[:200]!r}", _row_hint(app, reader, name) or HINT
        )
    return found


def _by_row(reader: Reader, number: str) -> ArticleRef | None:
    return (
        reader.by_id(int(number))
        if number.isascii() and number.isdigit() and len(number) < 20
        else None
    )


def _row_hint(app: App, reader: Reader, number: str) -> str | None:
    """How to name the archive's row, where its number alone was given; None where it has no such row."""
    row = _by_row(reader, number)
    if row is None:
        return None
    command = click.get_current_context().info_name
    return f"no site has that id; the archive's row {number} is {row.site}/{row.key}: {app.command} {command} '#{number}'"


def _by_key(reader: Reader, key: str) -> ArticleRef | None:
    found = reader.by_own_id(key)
    if len(found) > 1:
        sites = " and ".join(known.site for known in found)
        raise UsageError(f"{key} is an article of {sites}", f"say which one: {found[0].site}/{key}")
    return found[0] if found else None


def _by_site_and_key(app: App, reader: Reader, name: str) -> ArticleRef | None:
    site, slash, key = name.partition("/")
    if not slash:
        return None
    if site in reader.sites():
        return reader.by_key(site, key)
    return (
        _by_url(app, reader, f"https://{name}") if "." in site else None
    )  # an address without its scheme


def _by_url(app: App, reader: Reader, url: str) -> ArticleRef | None:
    """By the very address, else by the id that the site's rules find in it: the words in an address are decoration."""
    try:
        host = urlsplit(url).netloc
    except ValueError:  # `http://[`
        return None
    if known := reader.by_url(url):
        return known
    for site in _sites(app, reader):
        rules = site if site.owns(url) else _mirrored(site, url)
        key = rules.article_key(rules.canonical_url(url)) if rules else None
        known = reader.by_key(site.name, key) if key is not None else None
        if known and (rules is site or urlsplit(known.url).netloc == host):
            return known
    return reader.by_own_url(url)


def _mirrored(site: Site, url: str) -> Site | None:
    """The site's rules for a crawl of a mirror (--base-url) at the address's host; None for what is no web address."""
    parts = urlsplit(url)
    return (
        site.rebased(f"{parts.scheme}://{parts.netloc}")
        if parts.scheme in ("http", "https") and parts.hostname
        else None
    )


def _sites(app: App, reader: Reader) -> Iterator[Site]:
    """The site files of the archive's sites; one that is missing or wrong now only costs the guess."""
    from newscrawl.sites.generic import site_named

    for name in reader.sites():
        with suppress(UsageError):
            yield site_named(name, app.archive)
