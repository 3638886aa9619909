"""`newscrawl sites new`: a first site file from a saved page, and a fixture that fails until somebody has looked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from newscrawl.cli.app import App
from newscrawl.cli.output import say, show
from newscrawl.core.errors import PageRejected, UsageError
from newscrawl.core.folder import ArchiveFolder

EPILOG = """\b
Example:
  newscrawl sites new https://paper.example/words-1234567.html --page page.html
"""


@click.command("new", epilog=EPILOG)
@click.argument("url")
@click.option(
    "--page", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="The article's page, saved as the server sends it.",
)  # fmt: skip
@click.option(
    "--name", metavar="NAME", help="The site's name.  [default: the first word of the host]"
)
@click.pass_obj
def new_site(app: App, url: str, file: Path, name: str | None) -> None:
    """Draft a site file from the article at URL, saved in FILE.

    Writes sites/NAME.toml and a fixture into the archive's folder. Files that are there stay as they are.
    """
    from newscrawl.authoring.draft import draft_site, fixture_facts
    from newscrawl.authoring.fixtures import write_fixture
    from newscrawl.core.records import Page
    from newscrawl.sites.loading import load_site_file

    fetched = datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(microsecond=0)
    page = Page(url, file.read_bytes(), None, fetched)
    try:
        draft = draft_site(page)
    except PageRejected as error:
        raise UsageError(
            error.message, "save the page of one article, as the server sends it"
        ) from error
    name = name or draft.name
    target = ArchiveFolder(app.archive).sites / f"{name}.toml"
    if target.exists():
        raise UsageError(
            f"{target} is there already", "choose another --name, or take the file away first"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draft.toml.replace(f'name = "{draft.name}"', f'name = "{name}"', 1), "utf-8")
    site = load_site_file(target, app.archive)
    fixture = ArchiveFolder(app.archive).fixtures(name) / "article-1"
    write_fixture(
        fixture, site, Page(site.canonical_url(url), page.body, None, fetched), fixture_facts(page)
    )
    show(f"{target}: a draft; it reads this page, and nobody knows about others")
    show(f"{fixture}: what it reads, to be looked at")
    for guess in draft.guesses:
        say(f"warning: {guess}")
    show(f"next: newscrawl sites check {name} --page {file} --url {url}")
    show(
        f"then: newscrawl sites check {name}, which fails until expected.json has nothing `unchecked`"
    )
