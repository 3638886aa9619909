"""`newscrawl sites new`: a draft of a site file and a fixture that fails until it is checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show
from newscrawl.core.boundaries import check_plain
from newscrawl.core.errors import PageRejected, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import refuse_release
from newscrawl.core.records import Page

EPILOG = """\b
Examples:
  newscrawl sites new https://paper.example/words-1234567.html --page page.html
  newscrawl sites new https://paper.example/local/ --page list.html
"""


_MAYBE_LIST = ("listing_page", "empty_body")  # the codes that reject a list as an article


@dataclass(frozen=True, slots=True)
class _Draft:
    """A drafted file. `part` is what a list page adds to a file that exists; '' for articles."""

    name: str
    kind: str
    toml: str
    part: str
    guesses: tuple[str, ...]


@click.command("new", epilog=EPILOG)
@click.argument("url")
@click.option(
    "--page",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Page of an article or a list, saved as the server sent it.",
)
@click.option(
    "--name", metavar="NAME", help="Name of the site.  [default: the first part of the host name]"
)
@click.pass_obj
def new_site(app: App, url: str, file: Path, name: str | None) -> None:
    """Draft a site file from FILE, the saved page at URL.

    From an article, drafts the template of its design; from a category page or home page, the
    selectors of its teasers. Writes sites/NAME.toml and a fixture into the archive. Existing files
    are not changed: if the file exists, the lines that a list page needs are printed.
    """
    refuse_release(app.archive)
    fetched_at = datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(microsecond=0)
    page = Page(url, file.read_bytes(), None, fetched_at)
    draft = _draft(page)
    name = name or draft.name
    target = ArchiveFolder(app.archive).sites / f"{name}.toml"
    check = f"{app.command} sites check {name}"
    if target.exists() and draft.part:
        show(draft.part.rstrip())
        _say_guesses(draft, "listing")
        say(f"{target} is not changed; add the keys above its first table, [[listing]] at its end")
        say(f"next: {check} --page {file} --url {url}")
        return
    if target.exists():
        raise UsageError(f"{target} already exists", "choose another --name, or delete the file")
    fixture = _write(app, target, draft, page)
    show(f"{target}: a draft that was tried only with this page")
    show(f"{fixture}: what the draft reads; compare it with the page")
    _say_guesses(draft)
    show(f"next: {check} --page {file} --url {url}")
    show(f"then: {check} (fails until `unchecked` in expected.json is empty)")


def _draft(page: Page) -> _Draft:
    """The draft from an article, else from a list. UsageError if the page is neither."""
    from newscrawl.authoring.draft import draft_site
    from newscrawl.authoring.list_site import draft_list_site

    try:
        article = draft_site(page)
    except PageRejected as rejected:
        try:
            listed = draft_list_site(page) if rejected.code in _MAYBE_LIST else None
        except PageRejected:
            listed = None
        if listed is None:
            hint = "save the page of one article as the server sends it"
            raise UsageError(rejected.message, hint) from rejected
        return _Draft(listed.name, "listing", listed.toml, listed.part, listed.guesses)
    return _Draft(article.name, "article", article.toml, "", article.guesses)


def _write(app: App, target: Path, draft: _Draft, page: Page) -> Path:
    """Writes the site file and its fixture; returns the folder of the fixture."""
    from newscrawl.authoring.draft import fixture_facts
    from newscrawl.authoring.fixtures import write_fixture
    from newscrawl.sites.loading import load_site_file

    check_plain(target.parent)
    check_plain(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    name = target.stem
    toml = draft.toml.replace(f'name = "{draft.name}"', f'name = "{name}"', 1)
    target.write_text(toml, "utf-8")
    site = load_site_file(target, app.archive)
    fixture = ArchiveFolder(app.archive).fixtures(name) / f"{draft.kind}-1"
    canonical_page = Page(site.canonical_url(page.url), page.body, None, page.fetched_at)
    write_fixture(fixture, site, canonical_page, fixture_facts(page, draft.kind), draft.kind)
    return fixture


def _say_guesses(draft: _Draft, about: str = "") -> None:
    """What the author must check; only that on one part of the file, if `about` names it."""
    for guess in draft.guesses:
        if guess.startswith(about):
            say(f"warning: {guess}")
