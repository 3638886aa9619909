"""`newscrawl diff`: what a publisher changed, word by word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from ..diffs import Piece, word_changes
from ..errors import UsageError
from ..text import terminal_safe
from .lookup import find_article
from .output import on_terminal, say, show, show_json

if TYPE_CHECKING:
    from .app import App

EPILOG = """\b
Examples:
  newscrawl diff 267849
  newscrawl diff 267849 --between 1 3 --json
"""
FIELDS = ("title", "summary", "body")
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
COLOURS = {"same": ("", ""), "gone": ("\x1b[31;9m", "\x1b[0m"), "new": ("\x1b[32m", "\x1b[0m")}
CONTEXT_WORDS = 12


@click.command(epilog=EPILOG)
@click.argument("article", metavar="ID-OR-URL")
@click.option(
    "--between", nargs=2, type=click.IntRange(1), metavar="OLD NEW", help="Two revisions; default: the last two."
)
@click.option("--all", "whole", is_flag=True, help="Print unchanged text in full too.")
@click.option("--json", "as_json", is_flag=True, help="Print the pieces as JSON.")
@click.pass_obj
def diff(app: App, article: str, between: tuple[int, int] | None, whole: bool, as_json: bool) -> None:
    """Print what changed in an article between two of its revisions, word by word.

    Off a terminal, words that are gone stand in [-...-] and new ones in {+...+}.
    """
    with app.reader() as reader:
        known = find_article(app, reader, article)
        revisions = reader.revision_texts(known.id)
    old, new = _chosen(f"{known.site}/{known.key}", revisions, between)
    changes = {name: word_changes(old[name], new[name]) for name in FIELDS}
    if as_json:
        show_json(_as_json(known.site, known.key, old, new, changes))
        return
    times = " -> ".join(f"revision {row['revision']} ({row['fetched_at']})" for row in (old, new))
    show(f"{known.site}/{known.key}: {times}")
    for name, pieces in changes.items():
        if any(piece.change != "same" for piece in pieces):
            show("")
            show(f"{name}:")
            for line in lines(pieces, whole=whole):
                click.echo(f"  {line}", color=on_terminal())
    if all(piece.change == "same" for pieces in changes.values() for piece in pieces):
        say("the texts are the same")


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
        raise UsageError(f"{name} has no revision {missing[0]}", f"it has: {', '.join(map(str, numbers)) or 'none'}")
    return revisions[numbers.index(between[0])], revisions[numbers.index(between[1])]


def _as_json(
    site: str, key: str, old: dict[str, Any], new: dict[str, Any], changes: dict[str, list[Piece]]
) -> dict[str, Any]:
    sides = {
        side: {"revision": row["revision"], "fetched_at": row["fetched_at"]}
        for side, row in (("old", old), ("new", new))
    }
    pieces = {
        name: [{"change": piece.change, "paragraph": piece.paragraph, "text": piece.text} for piece in found]
        for name, found in changes.items()
    }
    return {"site": site, "key": key, **sides, "changes": pieces}
