"""`newscrawl sites new`: a draft of a site file and a fixture that fails until it is checked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show
from newscrawl.core.boundaries import check_plain
from newscrawl.core.errors import PageRejected, UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.lock import refuse_release

EPILOG = """\b
Example:
  newscrawl sites new https://paper.example/words-1234567.html --page page.html
"""


@click.command("new", epilog=EPILOG)
@click.argument("url")
@click.option(
    "--page",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Page of the article, saved as the server sent it.",
)
@click.option(
    "--name", metavar="NAME", help="Name of the site.  [default: the first part of the host name]"
)
@click.pass_obj
def new_site(app: App, url: str, file: Path, name: str | None) -> None:
    """Draft a site file from FILE, the saved page of the article at URL.

    Writes sites/NAME.toml and a fixture into the archive. Existing files are not changed.
    """
    from newscrawl.authoring.draft import draft_site, fixture_facts
    from newscrawl.authoring.fixtures import write_fixture
    from newscrawl.core.records import Page
    from newscrawl.sites.loading import load_site_file

    refuse_release(app.archive)
    fetched_at = datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(microsecond=0)
    page = Page(url, file.read_bytes(), None, fetched_at)
    try:
        draft = draft_site(page)
    except PageRejected as error:
        raise UsageError(
            error.message, "save the page of one article as the server sends it"
        ) from error
    name = name or draft.name
    target = ArchiveFolder(app.archive).sites / f"{name}.toml"
    if target.exists():
        raise UsageError(f"{target} already exists", "choose another --name, or delete the file")
    check_plain(target.parent)
    check_plain(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    toml = draft.toml.replace(f'name = "{draft.name}"', f'name = "{name}"', 1)
    target.write_text(toml, "utf-8")
    site = load_site_file(target, app.archive)
    fixture = ArchiveFolder(app.archive).fixtures(name) / "article-1"
    canonical_page = Page(site.canonical_url(url), page.body, None, fetched_at)
    write_fixture(fixture, site, canonical_page, fixture_facts(page))
    show(f"{target}: a draft that was tried only with this page")
    show(f"{fixture}: what the draft reads; compare it with the page")
    for guess in draft.guesses:
        say(f"warning: {guess}")
    show(f"next: {app.command} sites check {name} --page {file} --url {url}")
    show(
        f"then: {app.command} sites check {name}"
        " (fails until `unchecked` in expected.json is empty)"
    )
