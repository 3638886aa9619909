"""One article of an archive, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from newscrawl.api.checks import LINK_KINDS, number_of, one_of
from newscrawl.api.html import facts_html, pieces_html
from newscrawl.api.records import Capture, Link, Revision, State
from newscrawl.api.sources import article_table
from newscrawl.api.table import Table
from newscrawl.core.diffs import Effort, Piece
from newscrawl.core.edits import Edit, EditKind, NumberChange, classify, text_changes
from newscrawl.core.errors import UsageError
from newscrawl.core.folder import ArchiveFolder
from newscrawl.core.records import LinkKind, Precision, TimeSource

if TYPE_CHECKING:
    from newscrawl.api.archive import Archive

MARKS = {"same": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Article:
    """An article, with the columns of `newscrawl export articles` as attributes.

    `id` is the row in this archive, `key` the site's own id, and `url` the canonical address.
    Moments are aware datetimes in UTC: `published_at` is None for a page without a time of day,
    while `published_local` is the site's local time as text (`2022-11-22T11:34:00+07:00`), or just
    the date. `body` has paragraphs divided by a blank line. None means that the page does not have
    the value. A stub, known only from links and listings, has `revision` 0 and no body.
    """

    id: int
    site: str
    key: str
    url: str
    state: State
    title: str | None
    summary: str | None
    authors: tuple[str, ...]
    category: str | None
    tags: tuple[str, ...]
    published_at: datetime | None
    published_local: str | None
    published_raw: str | None
    published_precision: Precision | None
    published_source: TimeSource | None
    modified_at: datetime | None
    language: str | None
    image_url: str | None
    word_count: int | None
    first_seen_at: datetime
    fetched_at: datetime | None
    last_seen_at: datetime
    gone_at: datetime | None
    revision: int
    body: str | None
    _archive: Archive = field(compare=False)

    @property
    def revisions(self) -> Table[Revision]:
        """The versions of the article, the first one first; empty if it was never read."""
        return article_table(self._archive, "revisions", self.id, Revision)

    @property
    def captures(self) -> Table[Capture]:
        """Each time its page was asked for, also without an answer or a change, by time."""
        return article_table(self._archive, "captures", self.id, Capture)

    def links_out(self, kind: LinkKind | None = None) -> Table[Link]:
        """The links on its page, by kind (`related`, `same_category`, `inline`) and position."""
        one_of("kind", kind, LINK_KINDS)
        return article_table(self._archive, "links_out", self.id, Link, kind)

    def links_in(self, kind: LinkKind | None = None) -> Table[Link]:
        """The links that lead to it, by the id of the linking article."""
        one_of("kind", kind, LINK_KINDS)
        return article_table(self._archive, "links_in", self.id, Link, kind)

    def diff(self, old: int | None = None, new: int | None = None) -> Diff:
        """What the publisher changed between two revisions; by default, between the last two.

        `new` is the newest one unless it is given, and `old` the one before `new`. Of an article
        with one revision, that one is compared with itself. UsageError if there is no such
        revision, or none before `new`.
        """
        from newscrawl.store.read.revisions import version_of

        old, new = number_of("old", old), number_of("new", new)
        with self._archive.reading() as reader:
            rows = {row["revision"]: row for row in reader.revision_texts(self.id)}
        numbers = sorted(rows)
        if not numbers:
            raise UsageError(f"{self._name} was never read: nothing to compare", "see its state")
        chosen_new = numbers[-1] if new is None else new
        chosen_old = numbers[-2:][0] if old is None else old
        if old is None and new is not None:
            chosen_old = self._before(new, numbers)
        for number in (chosen_old, chosen_new):
            if number not in rows:
                known = ", ".join(map(str, numbers))
                raise UsageError(
                    f"{self._name} has no revision {number}", f"its revisions: {known}"
                )
        versions = version_of(rows[chosen_old]), version_of(rows[chosen_new])
        effort = Effort()
        changes = text_changes(*versions, effort)
        edit = classify(*versions, effort, changes)
        return Diff(
            article=self._name,
            old=chosen_old,
            new=chosen_new,
            changes={name: tuple(pieces) for name, pieces in changes.items()},
            _edit=edit,
        )

    def _before(self, new: int, numbers: Sequence[int]) -> int:
        """The revision before this one, of all `numbers`; itself if there is no such revision."""
        earlier = [number for number in numbers if number < new]
        if new in numbers and not earlier:
            raise UsageError(
                f"{self._name}: revision {new} is the first one, so nothing is before it",
                "name both: diff(OLD, NEW)",
            )
        return earlier[-1] if earlier else new

    def html(self, revision: int | None = None) -> bytes:
        """The raw page from which the newest revision, or this one, was read.

        The bytes are as received, but without content encoding; the page declares their charset.
        UsageError if the archive has no raw page: a release, a stub, or `crawl --no-warc`.
        ArchiveDamaged if the WARC file does not hold what the archive says.
        """
        folder = ArchiveFolder(self._archive.path)
        if folder.is_release:
            raise UsageError(
                f"{folder.path} is a release, which contains no raw pages",
                "use the archive from which the release was made",
            )
        from newscrawl.warc import read_at

        for row in reversed(self.revisions):
            if revision in (None, row.revision):
                break
        else:
            missing = "raw page" if revision is None else f"revision {revision}"
            raise UsageError(f"{self._name} has no {missing}", "its revisions are in .revisions")
        if row.warc_file is None or row.warc_offset is None or row.warc_length is None:
            raise UsageError(
                f"the archive has no raw page of {self._name}, revision {row.revision}",
                "it was crawled with --no-warc",
            )
        return read_at(folder.warc, row.warc_file, row.warc_offset, row.warc_length).body

    @property
    def _name(self) -> str:
        return f"{self.site}/{self.key}"

    def __repr__(self) -> str:
        return f"<Article {self._name} {self.title!r}>"

    def _repr_html_(self) -> str:
        """Headline, facts and the beginning of the text, for a notebook."""
        facts = {
            "article": f"{self._name} #{self.id}",
            "state": self.state,
            "published": self.published_local or self.published_raw,
            "authors": self.authors,
            "category": self.category,
            "tags": self.tags,
            "url": self.url,
            "revision": self.revision,
        }
        text = "\n".join(filter(None, (self.summary, self.body)))
        return facts_html(self.title or "(no title)", facts, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What changed between the revisions `old` and `new` of an article.

    `changes` has the newer `title`, `summary` and `body` in pieces: `same`, `new`, and `gone` for
    words of the older text at their old place. As text, removed words are `[-…-]` and new ones
    `{+…+}`.
    """

    article: str
    old: int
    new: int
    changes: Mapping[str, Sequence[Piece]] = field(repr=False)
    _edit: Edit = field(repr=False)

    @property
    def kinds(self) -> tuple[EditKind, ...]:
        """The kinds of changes, as in `newscrawl diff --help`; empty if nothing changed."""
        return self._edit.kinds

    @property
    def numbers(self) -> tuple[NumberChange, ...]:
        """Numbers that were replaced by others in the same place."""
        return self._edit.numbers

    @property
    def notice(self) -> str | None:
        """The text in which the publisher announces the change."""
        return self._edit.notice

    @property
    def coarse(self) -> bool:
        """Whether the texts differ too much to be compared word by word."""
        return self._edit.coarse

    def __str__(self) -> str:
        parts = []
        for name, pieces in self.changes.items():
            if any(piece.change != "same" for piece in pieces):
                parts.append(f"{name}: {' '.join(map(_marked, pieces))}")
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        facts = {"revisions": f"{self.old} → {self.new}", "kinds": self.kinds}
        parts = [facts_html(self.article, facts)]
        for name, pieces in self.changes.items():
            if any(piece.change != "same" for piece in pieces):
                parts.append(pieces_html(name, pieces))
        return "".join(parts)


def _marked(piece: Piece) -> str:
    before, after = MARKS[piece.change]
    return f"{before}{piece.text}{after}"
