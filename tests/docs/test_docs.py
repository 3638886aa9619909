"""The documentation's promises: generated pages are up to date, what they name exists, links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import get_args

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from newscrawl.authoring.draft import draft_site
from newscrawl.authoring.list_site import draft_list_site
from newscrawl.cli.main import main
from newscrawl.core.records import Page
from newscrawl.crawl.arguments import ARGUMENTS
from newscrawl.sites.config import VARIABLES
from newscrawl.sites.loading import load_site_file
from newscrawl.sites.schema import SiteModel
from newscrawl.store.schema.dictionary import (
    TEXTS,
    described_tables,
    dictionary,
    dictionary_page,
    schema,
)
from tests.support import docgen
from tests.support.transcripts import saved_page

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), ROOT / "data" / "README.md"])
GENERATED: Mapping[str, Callable[[], str]] = {
    "cli.md": docgen.cli_page,
    "newscrawl.1": docgen.man_page,
    "data-dictionary.md": dictionary_page,
    "../data/datasette.json": docgen.datasette_metadata,
}
# Commands of Scrapy that tests/crawl/test_scrapy_project.py tries.
SCRAPY_COMMANDS = ("list", "crawl", "shell", "fetch", "parse", "check", "bench")
WRITTEN = [page for page in PAGES if page.name not in GENERATED]

CODE = re.compile(r"^```[a-z]*\n(?P<block>.*?)^```$|`(?P<span>[^`\n]+)`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_generated_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == GENERATED[name](), (
        f"docs/{name} is out of date: run make docs"
    )


@pytest.mark.parametrize(
    "name", ["quickstart", "add-a-site", "site-file", "architecture", "decisions"]
)
def test_every_promised_page_exists(name: str) -> None:
    assert (DOCS / f"{name}.md").read_text("utf-8").startswith("# ")


def test_every_table_and_column_is_described() -> None:
    tables = described_tables()
    missing = [table.name for table in tables if not table.about]
    missing += [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if not column.about
    ]
    assert missing == [], f"describe these in {TEXTS.name}"


def test_nothing_is_described_that_the_schema_does_not_have() -> None:
    tables = {name: {column for column, _ in columns} for name, _, columns in schema()}
    words = dictionary()
    extra = [table for table in words if table not in tables]
    extra += [
        f"{table}.{column}"
        for table, parts in words.items()
        for column in parts["columns"]
        if column not in tables.get(table, set())
    ]
    assert extra == []


def commands_in(page: Path) -> Iterator[str]:
    """Every command line in the page's code: lines of blocks, and whole spans, that begin with a program's name."""
    for match in CODE.finditer(page.read_text("utf-8")):
        block = match["block"].replace("\\\n", " ") if match["block"] is not None else match["span"]
        for line in block.splitlines():
            words = line.strip().removeprefix("$ ").removeprefix(".venv/bin/")
            if words.split(" ")[0] in ("newscrawl", "make", "scrapy"):
                yield words


@pytest.mark.parametrize("page", WRITTEN, ids=page_id)
def test_commands_in_the_page_exist(page: Path) -> None:
    wrong = [fault for line in commands_in(page) if (fault := fault_of(line))]
    assert wrong == []


def test_every_argument_of_scrapy_crawl_is_explained() -> None:
    table = explained("scrapy.md")
    assert sorted({*ARGUMENTS, "items"} - table) == []


def test_commands_in_help_texts_exist() -> None:
    lines = [
        line.strip()
        for _, text in docgen.command_helps()
        for line in text.splitlines()
        if line.strip().startswith("newscrawl ")
    ]
    assert lines
    assert [fault for line in lines if (fault := fault_of(line))] == []


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(*each, id=each[0]) for each in docgen.command_helps()]
)
def test_help_ends_with_an_example(name: str, text: str) -> None:
    after = re.split(r"^ *Examples?:$", text, flags=re.MULTILINE)[1:]
    assert len(after) == 1, f"{name} --help has no example, or two headings"
    lines = [line.strip() for line in after[0].strip().splitlines()]
    assert [line for line in lines if not line.startswith("newscrawl ")] == []
    words = set(name.split())
    assert any(words <= set(line.split()) for line in lines), (
        f"{name} --help gives examples of other commands only"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("newscrawl serach x", "no command serach"),
        ("newscrawl search x --sit bnews", "no option --sit"),
        ("newscrawl sites lsit", "no command lsit"),
        ("make dmeo", "no target dmeo"),
        ("newscrawl search x --site bnews", None),
        ("newscrawl --archive DIR status", None),
    ],
)
def test_a_wrong_command_is_found(line: str, said: str | None) -> None:
    fault = fault_of(line)
    assert (fault is None) if said is None else (fault is not None and said in fault)


def fault_of(line: str) -> str | None:
    """What is wrong with a command line of ours; None where every command, target and option in it exists."""
    program, *words = shlex.split(line.partition(" | ")[0].partition(" > ")[0], comments=True)
    if program == "make":
        return next(
            (
                f"{line}: no target {word}"
                for word in words
                if "=" not in word and word not in targets()
            ),
            None,
        )
    if program == "scrapy":
        if not words or words[0] not in SCRAPY_COMMANDS:
            return f"{line}: not a command that the project promises"
        return None
    contexts = dict(docgen.command_contexts())
    path = "newscrawl"
    for place, word in enumerate(words):
        if word.startswith("--") and word.partition("=")[0] not in options(contexts[path]):
            return f"{line}: {path} has no option {word}"
        after_option = place > 0 and words[place - 1] == "--archive"
        if (
            word.startswith("-")
            or after_option
            or not isinstance(contexts[path].command, click.Group)
        ):
            continue
        if word in ("COMMAND", "…", "..."):
            return None
        path = f"{path} {word}"
        if path not in contexts:
            return f"{line}: there is no command {word}"
    return None


def options(context: click.Context) -> set[str]:
    """The options a command takes, --help among them."""
    return {
        name
        for option in context.command.get_params(context)
        for name in (*option.opts, *option.secondary_opts)
    }


def targets() -> set[str]:
    """The targets that `make` knows by name."""
    return set(
        re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[
            0
        ].split()
    )


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_in_the_page_lead_somewhere(page: Path) -> None:
    text = CODE.sub("", page.read_text("utf-8"))
    wrong = [
        target
        for target in LINK.findall(text)
        if "://" not in target and not leads_somewhere(page, target)
    ]
    assert wrong == []


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether a relative link's file exists, and its heading within it."""
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    return path.exists() and (not anchor or anchor in anchors(path))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    queue = [ROOT / "README.md"]
    while queue:
        page = queue.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = [
            target.partition("#")[0]
            for target in LINK.findall(page.read_text("utf-8"))
            if "://" not in target
        ]
        queue += [(page.parent / link).resolve() for link in links if link]
    assert [
        page_id(page)
        for page in PAGES
        if page.resolve() not in {each.resolve() for each in reached}
    ] == []


def test_readme_says_how_many_sites_come_with_it_and_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    listed = json.loads(
        CliRunner().invoke(main, ["--archive", "nosuch", "sites", "list", "--json"]).stdout
    )
    assert re.findall(r"site files for (\d+) Vietnamese news sites", text) == [str(len(listed))]
    named = set(re.findall(r"(?:newscrawl |make |`)(?:newscrawl )?([a-z-]+)", text))
    commands = {path.split()[1] for path, _ in docgen.command_contexts() if " " in path}
    assert sorted(commands - named) == []


def test_changelog_speaks_of_this_version() -> None:
    from newscrawl.core.version import VERSION

    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_changelog_has_an_entry_a_line_and_none_twice() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
    assert [line for line in lines if len(line) > 118 or line.startswith("  ")] == []
    entries = [line for line in lines if line.startswith("- ")]
    assert sorted(entries) == sorted(set(entries))


def test_decisions_are_paragraphs_of_their_own() -> None:
    lines = (DOCS / "decisions.md").read_text("utf-8").splitlines()
    assert [
        line for before, line in pairwise(lines) if line.startswith(("**", "#")) and before
    ] == []


def test_constraints_name_every_dependency_and_no_address() -> None:
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")
            assert re.fullmatch(r"[0-9][0-9a-z.]*", version), line
            pinned[normal(name)] = version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    assert [name for name in wanted if normal(re.split(r"[<>=\[;]", name)[0]) not in pinned] == []


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_key_of_site_files_is_explained() -> None:
    keys = {name for model in models(SiteModel) for name in model.model_fields} | {"extends"}
    assert sorted(keys - explained("site-file.md")) == []


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and those that its fields hold, however deep in lists and options."""
    yield model
    for field in model.model_fields.values():
        for inner in models_in(field.annotation):
            yield from models(inner)


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def explained(page: str) -> set[str]:
    """Every name in code type in the first column of the page's tables, or anywhere in its text."""
    return set(re.findall(r"`\[*([a-z_]+)\]*`", (DOCS / page).read_text("utf-8")))


def test_every_reason_to_refuse_a_page_is_explained() -> None:
    sources = [path.read_text("utf-8") for path in sorted((ROOT / "newscrawl").rglob("*.py"))]
    codes = {
        code for source in sources for code in re.findall(r'PageRejected\(\s*"([a-z_]+)"', source)
    }
    assert codes
    assert sorted(codes - explained("site-file.md")) == []


def test_every_setting_is_explained() -> None:
    text = (DOCS / "quickstart.md").read_text("utf-8")
    missing = [
        name for name, keys in VARIABLES.items() if f"| `{'.'.join(keys)}` | `{name}` |" not in text
    ]
    assert missing == []


def test_the_drafts_of_an_article_and_a_list_go_together(tmp_path: Path) -> None:
    """As in section 5 of add-a-site.md: the lines of the list, in the file of the article."""
    saved_page(tmp_path)
    body = (tmp_path / "page.html").read_bytes()
    draft = draft_site(
        Page("https://www.harbour-post.example/news/pier-rebuilt-1204518.html", body)
    )
    listed = (tmp_path / "list.html").read_bytes()
    part = draft_list_site(Page("https://www.harbour-post.example/local", listed)).part
    keys, _, listings = part.partition("[[listing]]")
    path = tmp_path / f"{draft.name}.toml"
    path.write_text(f"{keys}{draft.toml}\n[[listing]]{listings}", "utf-8")
    site = load_site_file(path)
    assert (
        site.article_key("https://www.harbour-post.example/news/other-words-1204600.html")
        == "1204600"
    )
    assert [category.url for category in site.categories] == [
        "https://www.harbour-post.example/local"
    ]
    following = site.category_of("https://www.harbour-post.example/local/page/2")
    assert following is not None
    assert (following.key, following.page) == ("local", 2)
