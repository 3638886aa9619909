"""`newscrawl diff`: what a publisher changed, word by word; without an article, what was changed lately."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import click

from newscrawl.cli.lookup import find_article
from newscrawl.cli.output import on_terminal, say, show, show_json, show_table
from newscrawl.core.days import day_texts
from newscrawl.core.diffs import Piece, word_changes
from newscrawl.core.edits import Edit, EditKind, classify
from newscrawl.core.errors import UsageError
from newscrawl.core.text import counted, terminal_safe

if TYPE_CHECKING:
    from newscrawl.cli.app import App
    from newscrawl.store.read.revisions import Edited

EPILOG = """\b
Examples:
  newscrawl diff
  newscrawl diff --kind numbers --since 2026-09-01 --json
  newscrawl diff 267849
  newscrawl diff 267849 --between 1 3
"""
FIELDS = ("title", "summary", "body")
FACTS = ("authors", "published_local", "modified_at")
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
COLOURS = {"same": ("", ""), "gone": ("\x1b[31;9m", "\x1b[0m"), "new": ("\x1b[32m", "\x1b[0m")}
CONTEXT_WORDS = 12


@click.command(epilog=EPILOG)
@click.argument("article", metavar="[ID-OR-URL]", required=False)
@click.option(
    "--between",
    nargs=2,
    type=click.IntRange(1),
    metavar="OLD NEW",
    help="Two revisions; default: the last two.",
)
@click.option("--all", "whole", is_flag=True, help="Print unchanged text in full too.")
@click.option("--site", metavar="SITE", help="Without an article: only this site.")
@click.option(
    "--kind",
    type=click.Choice(get_args(EditKind)),
    help="Without an article: only edits of this kind.",
)
@click.option(
    "--since",
    metavar="DATE",
    help="Without an article: only what was found changed on this day or later.",
)
@click.option(
    "--until",
    metavar="DATE",
    help="Without an article: only what was found changed on this day or earlier.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Without an article: at most N.  [default: 50]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def diff(
    app: App,
    /,
    article: str | None,
    between: tuple[int, int] | None,
    whole: bool,
    as_json: bool,
    limit: int | None,
    **only: Any,
) -> None:
    """Print what changed in an article between two of its revisions, word by word; without one, what changed lately.

    Off a terminal, words that are gone stand in [-...-] and new ones in {+...+}.

    \b
    Kinds of edits: headline, summary (the standfirst), numbers (one replaced by another),
    added, taken_out, reworded (of the text), correction (a new notice of one), byline,
    redated (another time of publication), date_bump (a newer date and nothing else), removed.
    """
    if article is None:
        if between or whole:
            raise UsageError(
                "--between and --all are about one article", "name it: newscrawl diff ID"
            )
        _list(app, limit or 50, as_json, **only)
    elif limit or any(only.values()):
        raise UsageError(
            "--site, --kind, --since, --until and --limit are about the list of changes",
            "leave the article out",
        )
    else:
        _compare(app, article, between, whole, as_json)


def _list(
    app: App,
    limit: int,
    as_json: bool,
    *,
    site: str | None,
    kind: EditKind | None,
    since: str | None,
    until: str | None,
) -> None:
    from newscrawl.store.read.revisions import EditFilter, edited

    first, last = day_texts(since, until)
    with app.reader() as reader:
        found = edited(reader.db, EditFilter(site, kind, first, last), limit + 1)
    shown = found[:limit]
    if as_json:
        show_json([asdict(one) for one in shown])
    else:
        show_table(
            ["seen_at", "article", "revision", "kinds", "numbers", "title"],
            map(_row, shown),
            right=["revision"],
        )
    say(counted(len(shown), "change"))
    if len(found) > limit:
        say(f"only the newest {limit:,} are shown: there are more (--limit)")


def _row(one: Edited) -> tuple[object, ...]:
    numbers = "; ".join(_numbers(one.edit))
    return (
        one.seen_at,
        f"{one.site}/{one.key}",
        one.revision,
        ", ".join(one.edit.kinds),
        numbers,
        one.title,
    )


def _numbers(edit: Edit) -> Iterator[str]:
    for change in edit.numbers:
        yield f"{change.old} -> {change.new} {change.after}".strip()


def _compare(
    app: App, article: str, between: tuple[int, int] | None, whole: bool, as_json: bool
) -> None:
    from newscrawl.store.read.revisions import version_of

    with app.reader() as reader:
        known = find_article(app, reader, article)
        revisions = reader.revision_texts(known.id)
        gone_at = reader.article(known.id)["gone_at"]
    name = f"{known.site}/{known.key}"
    gone = f"{name} was taken away (HTTP 410 or 404) at {gone_at}" if gone_at else None
    if gone and len(revisions) < 2 and between is None:
        raise UsageError(
            f"{gone}; before that it was read as one text only", f"see: newscrawl show {name}"
        )
    old, new = _chosen(name, revisions, between)
    edit = classify(version_of(old), version_of(new))
    changes = {field: word_changes(old[field], new[field]) for field in FIELDS}
    if as_json:
        show_json(_as_json(known.site, known.key, old, new, changes, edit))
        return
    times = " -> ".join(f"revision {row['revision']} ({row['fetched_at']})" for row in (old, new))
    show(f"{name}: {times}")
    for line in _summary(old, new, edit):
        show(line)
    _show_words(changes, whole=whole)
    if not edit.kinds:
        say("the texts are the same")
    if gone:
        say(gone)


def _summary(old: dict[str, Any], new: dict[str, Any], edit: Edit) -> Iterator[str]:
    """The kinds, then what can be said in a line: numbers, a notice, authors and times."""
    if edit.kinds:
        yield f"kinds: {', '.join(edit.kinds)}"
    if edit.numbers:
        yield f"numbers: {'; '.join(_numbers(edit))}"
    if edit.notice:
        yield f"notice: {edit.notice}"
    for field in FACTS:
        before, after = (_fact(row[field]) for row in (old, new))
        if before is not None and after is not None and before != after:
            yield f"{field}: {before} -> {after}"


def _fact(value: str | None) -> str | None:
    """A list as its names; None and no names at all as None."""
    return ", ".join(json.loads(value)) or None if value and value.startswith("[") else value


def _show_words(changes: dict[str, list[Piece]], *, whole: bool) -> None:
    for name, pieces in changes.items():
        if any(piece.change != "same" for piece in pieces):
            show("")
            show(f"{name}:")
            for line in lines(pieces, whole=whole):
                click.echo(f"  {line}", color=on_terminal())


def lines(pieces: list[Piece], *, whole: bool) -> list[str]:
    """One line a paragraph with changes; what did not change is cut to the words around it unless `whole`."""
    marks = COLOURS if on_terminal() else MARKS
    paragraphs: dict[int, list[Piece]] = {}
    for piece in pieces:
        paragraphs.setdefault(piece.paragraph, []).append(piece)
    found = []
    for parts in paragraphs.values():
        if not whole and all(part.change == "same" for part in parts):
            continue
        texts = []
        for number, part in enumerate(parts):
            text = terminal_safe(part.text)
            if part.change == "same" and not whole:
                text = _around(text, first=number == 0, last=number == len(parts) - 1)
            before, after = marks[part.change]
            texts.append(f"{before}{text}{after}")
        found.append(" ".join(texts))
    return found


def _around(text: str, *, first: bool, last: bool) -> str:
    words = re.split(r"\s+", text)
    if first and not last:
        return " ".join(["…", *words[-CONTEXT_WORDS:]] if len(words) > CONTEXT_WORDS else words)
    if last and not first:
        return " ".join([*words[:CONTEXT_WORDS], "…"] if len(words) > CONTEXT_WORDS else words)
    if len(words) > 2 * CONTEXT_WORDS:
        return " ".join([*words[:CONTEXT_WORDS], "…", *words[-CONTEXT_WORDS:]])
    return text


def _chosen(
    name: str, revisions: list[dict[str, Any]], between: tuple[int, int] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    numbers = [revision["revision"] for revision in revisions]
    if between is None:
        if len(revisions) < 2:
            said = "has one revision" if revisions else "was never read"
            raise UsageError(f"{name} {said}: nothing to compare", f"see: newscrawl show {name}")
        return revisions[-2], revisions[-1]
    missing = [number for number in between if number not in numbers]
    if missing:
        raise UsageError(
            f"{name} has no revision {missing[0]}",
            f"it has: {', '.join(map(str, numbers)) or 'none'}",
        )
    return revisions[numbers.index(between[0])], revisions[numbers.index(between[1])]


def _as_json(
    site: str,
    key: str,
    old: dict[str, Any],
    new: dict[str, Any],
    changes: dict[str, list[Piece]],
    edit: Edit,
) -> dict[str, Any]:
    facts = ("revision", "fetched_at", *FACTS)
    sides = {
        side: {name: row[name] for name in facts}
        | {"authors": json.loads(row["authors"] or "null")}
        for side, row in (("old", old), ("new", new))
    }
    pieces = {
        name: [
            {"change": piece.change, "paragraph": piece.paragraph, "text": piece.text}
            for piece in found
        ]
        for name, found in changes.items()
    }
    return {"site": site, "key": key, **sides, **asdict(edit), "changes": pieces}
