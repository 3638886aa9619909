"""`newscrawl diff`: what a publisher changed in an article, word by word, or a list of changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import click

from newscrawl.cli.lookup import find_article
from newscrawl.cli.options import SITE
from newscrawl.cli.output import is_styled, say, show, show_json, show_table
from newscrawl.cli.rows import Output, cut_note, limit_option, output_options, show_rows
from newscrawl.core.days import day_texts
from newscrawl.core.diffs import Effort, Piece
from newscrawl.core.edits import Edit, EditKind, classify, text_changes
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
CHANGES_LIMIT = 50
MOST_EFFORT = 100  # times that of a list of the default length: minutes at most
# The columns of --jsonl, --csv and --tsv: the list of changes, or the words of one article.
LIST_COLUMNS = (
    "id",
    "site",
    "key",
    "title",
    "published_local",
    "seen_at",
    "revision",
    "kinds",
    "numbers",
    "notice",
    "coarse",
)
WORDS_COLUMNS = (
    "site",
    "key",
    "old_revision",
    "new_revision",
    "field",
    "paragraph",
    "change",
    "text",
)
FACTS = ("authors", "published_local", "modified_at")
MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
COLOURS = {"same": ("", ""), "gone": ("\x1b[31;9m", "\x1b[0m"), "new": ("\x1b[32m", "\x1b[0m")}
CONTEXT_WORDS = 12
COARSE = "coarse: the texts differ too much to be compared word by word"


@click.command(epilog=EPILOG)
@click.argument("article", metavar="[ID-OR-URL]", required=False)
@click.option(
    "--between",
    nargs=2,
    type=click.IntRange(1),
    metavar="OLD NEW",
    help="Compare these two revisions.  [default: the last two]",
)
@click.option("--all", "whole", is_flag=True, help="Print unchanged text in full.")
@click.option(
    "--site", type=SITE, metavar="SITE", help="Without ID-OR-URL: only changes on this site."
)
@click.option(
    "--kind",
    type=click.Choice(get_args(EditKind)),
    help="Without ID-OR-URL: only changes of this kind.",
)
@click.option(
    "--since",
    metavar="DATE",
    help="Without ID-OR-URL: only changes found on or after DATE.",
)
@click.option(
    "--until",
    metavar="DATE",
    help="Without ID-OR-URL: only changes found on or before DATE.",
)
@limit_option(f"Without ID-OR-URL: print at most N changes.  [default: {CHANGES_LIMIT}]")
@output_options()
@click.pass_obj
def diff(
    app: App,
    /,
    *,
    article: str | None,
    between: tuple[int, int] | None,
    whole: bool,
    output: Output,
    limit: int | None,
    **only: Any,
) -> None:
    """Print what changed in an article, or list the latest changes.

    With ID-OR-URL, compares two revisions of the article word by word. If the output is not a
    terminal, deleted words are marked [-...-] and new words {+...+}. For the forms of
    ID-OR-URL, see `newscrawl show --help`. With --jsonl, --csv and --tsv, there is a row per change
    in the list, or per run of changed words in the article (with --all, of unchanged words too).

    \b
    Kinds of changes:
      headline    the headline was changed
      summary     the standfirst was changed
      numbers     a number was replaced by another
      added       words were added to the text
      taken_out   words were deleted from the text
      reworded    words of the text were replaced
      correction  a correction or update notice was added
      byline      the authors were changed
      redated     the publication time was changed
      date_bump   the page has a newer date, but nothing else was changed
      removed     the article was removed from the site
    """
    if article is None:
        if between or whole:
            raise UsageError(
                "--between and --all need an article", "name one: newscrawl diff ID-OR-URL"
            )
        _list(app, limit or CHANGES_LIMIT, output, **only)
        return
    if limit or any(only.values()):
        raise UsageError(
            "--site, --kind, --since, --until and --limit apply only to the list of changes",
            "remove them, or the article",
        )
    _compare(app, article, between, whole=whole, output=output)


def _list(
    app: App,
    limit: int,
    output: Output,
    *,
    site: str | None,
    kind: EditKind | None,
    since: str | None,
    until: str | None,
) -> None:
    from newscrawl.store.read.revisions import LIST_STEPS, EditFilter, count_edited, edited

    # A longer list may take longer.
    effort = Effort(LIST_STEPS * min(MOST_EFFORT, 1 + limit // CHANGES_LIMIT))
    first, last = day_texts(since, until, app.today)
    with app.reader() as reader:
        only = EditFilter(site, kind, first, last)
        changes = edited(reader.db, only, limit + 1, effort)
        total: int | None = len(changes)
        if len(changes) > limit:
            total = count_edited(reader.db, only)
    shown = changes[:limit]
    if output.as_rows:
        show_rows(output, LIST_COLUMNS, map(_flat_change, shown))
    elif output.as_json:
        show_json([asdict(change) for change in shown])
    else:
        columns = ["seen_at", "article", "revision", "kinds", "numbers", "title"]
        show_table(columns, map(_row, shown), right=["revision"])
    say(cut_note(len(shown), total, "changes", "newest") or counted(len(shown), "change"))
    coarse = sum(change.edit.coarse for change in shown)
    if coarse:
        say(f"{counted(coarse, 'text')} not compared word by word: the kinds may be incomplete")


def _flat_change(change: Edited) -> dict[str, object]:
    """A change as one row; `numbers` are texts such as `5 -> 7 people`."""
    numbers = list(map(str, change.edit.numbers))
    return asdict(change) | asdict(change.edit) | {"numbers": numbers}


def _row(change: Edited) -> tuple[object, ...]:
    return (
        change.seen_at,
        f"{change.site}/{change.key}",
        change.revision,
        ", ".join(change.edit.kinds),
        "; ".join(map(str, change.edit.numbers)),
        change.title,
    )


def _compare(
    app: App, article: str, between: tuple[int, int] | None, *, whole: bool, output: Output
) -> None:
    from newscrawl.store.read.revisions import version_of

    with app.reader() as reader:
        known = find_article(app, reader, article)
        revisions = reader.revision_texts(known.id)
        gone_at = reader.article(known.id)["gone_at"]
    name = f"{known.site}/{known.key}"
    removed = f"{name} was removed from the site (HTTP 404 or 410, seen at {gone_at})"
    old, new = _choose(app, name, revisions, between)
    versions = version_of(old), version_of(new)
    effort = Effort()
    changes = text_changes(*versions, effort)
    edit = classify(*versions, effort, changes)
    if output.as_rows:
        start = {"site": known.site, "key": known.key}
        start |= {"old_revision": old["revision"], "new_revision": new["revision"]}
        rows = ({**start, **row} for row in _flat_pieces(changes, whole=whole))
        show_rows(output, WORDS_COLUMNS, rows)
        return
    if output.as_json:
        values = {"site": known.site, "key": known.key}
        show_json(values | _as_json(old, new, changes, edit))
        return
    if old is new:
        show(f"{name}: {_revision(old)}; no other revision, the article has not changed since")
    else:
        show(f"{name}: {_revision(old)} -> {_revision(new)}")
    for line in _summary(old, new, edit):
        show(line)
    _show_words(changes, whole=whole)
    if not edit.kinds and old is not new:
        say("the texts are the same")
    if gone_at:
        say(removed)


def _revision(row: Mapping[str, Any]) -> str:
    return f"revision {row['revision']} ({row['fetched_at']})"


def _choose(
    app: App, name: str, revisions: Sequence[dict[str, Any]], between: tuple[int, int] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two revisions to compare; the same one twice if the article has only one.

    UsageError if the article does not have them.
    """
    by_number = {row["revision"]: row for row in revisions}
    if between is None:
        if not revisions:
            raise UsageError(
                f"{name} was never read: nothing to compare", f"see: {app.command} show {name}"
            )
        return revisions[-2:][0], revisions[-1]
    for number in between:
        if number not in by_number:
            numbers = ", ".join(map(str, by_number)) or "none"
            raise UsageError(f"{name} has no revision {number}", f"its revisions: {numbers}")
    return by_number[between[0]], by_number[between[1]]


def _summary(old: Mapping[str, Any], new: Mapping[str, Any], edit: Edit) -> Iterator[str]:
    """The kinds of changes, then those that fit into a line: numbers, notice, authors, times."""
    if edit.kinds:
        yield f"kinds: {', '.join(edit.kinds)}"
    if edit.coarse:
        yield COARSE
    if edit.numbers:
        yield f"numbers: {'; '.join(map(str, edit.numbers))}"
    if edit.notice:
        yield f"notice: {edit.notice}"
    for field in FACTS:
        before, after = _fact(old[field]), _fact(new[field])
        if before is not None and after is not None and before != after:
            yield f"{field}: {before} -> {after}"


def _fact(value: str | None) -> str | None:
    """The names of a JSON list as text, other values unchanged. None for an empty list."""
    if value and value.startswith("["):
        return ", ".join(json.loads(value)) or None
    return value


def _show_words(changes: Mapping[str, Sequence[Piece]], *, whole: bool) -> None:
    for name, pieces in changes.items():
        if all(piece.change == "same" for piece in pieces):
            continue
        show("")
        show(f"{name}:")
        for line in lines(pieces, whole=whole):
            click.echo(f"  {line}", color=is_styled())


def lines(pieces: Sequence[Piece], *, whole: bool) -> list[str]:
    """One line per changed paragraph; unless `whole`, unchanged text is cut to some words."""
    paragraphs: dict[int, list[Piece]] = {}
    for piece in pieces:
        paragraphs.setdefault(piece.paragraph, []).append(piece)
    shown = []
    for parts in paragraphs.values():
        if whole or any(part.change != "same" for part in parts):
            shown.append(_paragraph(parts, whole=whole))
    return shown


def _paragraph(parts: Sequence[Piece], *, whole: bool) -> str:
    marks = COLOURS if is_styled() else MARKS
    texts = []
    for number, part in enumerate(parts):
        text = terminal_safe(part.text)
        if part.change == "same" and not whole:
            text = _cut(text, first=number == 0, last=number == len(parts) - 1)
        before, after = marks[part.change]
        texts.append(f"{before}{text}{after}")
    return " ".join(texts)


def _cut(text: str, *, first: bool, last: bool) -> str:
    """The words beside changes: at the end of the first part, at the beginning of the last."""
    words = text.split()
    start, end = words[:CONTEXT_WORDS], words[-CONTEXT_WORDS:]
    if first and not last:
        return " ".join(["…", *end]) if len(words) > CONTEXT_WORDS else text
    if last and not first:
        return " ".join([*start, "…"]) if len(words) > CONTEXT_WORDS else text
    return " ".join([*start, "…", *end]) if len(words) > 2 * CONTEXT_WORDS else text


def _as_json(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    changes: Mapping[str, Sequence[Piece]],
    edit: Edit,
) -> dict[str, Any]:
    return {
        "old": _side(old),
        "new": _side(new),
        **asdict(edit),
        "changes": {name: [_piece(piece) for piece in pieces] for name, pieces in changes.items()},
    }


def _flat_pieces(
    changes: Mapping[str, Sequence[Piece]], *, whole: bool
) -> Iterator[dict[str, Any]]:
    """Each run of changed words as one row, or of all words if `whole`."""
    for field, pieces in changes.items():
        for piece in pieces:
            if whole or piece.change != "same":
                yield {"field": field} | _piece(piece)


def _side(row: Mapping[str, Any]) -> dict[str, Any]:
    side = {name: row[name] for name in ("revision", "fetched_at", *FACTS)}
    side["authors"] = json.loads(row["authors"] or "null")
    return side


def _piece(piece: Piece) -> dict[str, Any]:
    return {"change": piece.change, "paragraph": piece.paragraph, "text": piece.text}
