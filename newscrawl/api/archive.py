"""An archive opened for reading: everything it knows, as records, tables and data frames."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from newscrawl.core.errors import UsageError
from newscrawl.store.connection import open_plain, open_reader

# Everything else is imported when it is used, so that a program starts quickly.
if TYPE_CHECKING:
    import networkx
    from sqlite_utils import Database

    from newscrawl.api.article import Article
    from newscrawl.api.found import SearchResults
    from newscrawl.api.records import Change, FrontSlot, Link, Listing, Revision, VolumeCount
    from newscrawl.api.table import Table
    from newscrawl.core.edits import EditKind
    from newscrawl.store.filters import Filter
    from newscrawl.store.read.export_rows import Subject
    from newscrawl.store.read.reader import Reader
    from newscrawl.store.read.search import Order
    from newscrawl.store.read.volume import By

Day = str | date
DAMAGE_SECONDS = 10.0  # to find the damaged value behind an error


class Filters(TypedDict, total=False):
    """Which articles a table is about; all of the conditions hold.

    `site` is a name of `Archive.sites`, `category` a key, slug or name. `since` and `until` are the
    first and last day of publication in the site's own zone: a date, or a text as on the command
    line (`2026-09-01`, `2026-09`, `yesterday`, `7d`). `search` is a query as in `Archive.search`,
    for methods that have none. `author` and `tag` are names, or words in one. `min_words` and
    `max_words` are about the length of the text. `revised` chooses articles with several revisions,
    or with one; `gone` those that are no longer on their site, or that are.
    """

    site: str
    category: str
    since: Day
    until: Day
    search: str
    author: str
    tag: str
    min_words: int
    max_words: int
    revised: bool
    gone: bool


def open(folder: str | os.PathLike[str] = "data") -> Archive:  # noqa: A001 - as in gzip.open
    """The archive, or the release, in a folder, for reading only.

    A crawl may run at the same time. UsageError if there is no archive, ArchiveDamaged if its
    database cannot be read.
    """
    return Archive(folder)


class Archive:
    """An archive, opened for reading: every method leaves it as it is.

    Each reading is one state of the archive, also while a crawl writes to it; the next one may see
    more. Nothing has to be closed except `db`. An archive may be used by several threads, and be
    sent to other processes.

    Errors are those of newscrawl (`newscrawl.NewscrawlError`), with `message` and `hint`.
    """

    row_hint = "by its row as an int"  # how a row is named

    def __init__(self, folder: str | os.PathLike[str] = "data") -> None:
        self.path = Path(folder)
        self._db: Database | None = None
        open_reader(self.path).close()

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of the sites of the archive, in alphabetical order."""
        with self.reading() as reader:
            return tuple(reader.sites())

    def articles(self, *, stubs: bool = False, **only: Unpack[Filters]) -> Table[Article]:
        """The articles in the order of their ids, with all columns and their texts.

        For the keywords, see Filters. Articles that were never read are left out unless `stubs`.
        UsageError, once the table is read, for a site or category that the archive does not have.
        """
        from newscrawl.api.checks import filter_of

        return self.all_articles(filter_of(only), stubs=stubs)

    def all_articles(self, only: Filter, *, stubs: bool = False) -> Table[Article]:
        """The same for a filter of the store."""
        from newscrawl.api.article import Article
        from newscrawl.api.sources import ExportSource

        source = ExportSource(
            archive=self,
            subject="articles",
            only=only,
            stubs=stubs,
            record=Article,
            extra={"_archive": self},
        )
        return source.table()

    def search(
        self, query: str, *, order: Order = "rank", **only: Unpack[Filters]
    ) -> SearchResults:
        """Everything that a query finds, the best matches first; with order `time`, the newest.

        The query is that of `newscrawl search`: words, "phrases", -word, OR, NOT, parentheses,
        prefix*, fields such as title: and author:, NEAR/5. What cannot be understood is searched as
        words, and `note` says so. For the keywords, see Filters. UsageError for a query without a
        word and, once it is read, for a site or category that the archive does not have.
        """
        from newscrawl.api.checks import ORDERS, filter_beside_query, one_of, query_of
        from newscrawl.api.found import SearchResults

        one_of("order", order, ORDERS)
        return SearchResults(self, query_of(query), filter_beside_query(only), order)

    def article(self, name: int | str) -> Article:
        """One article.

        An `int` is the row in this archive (`Article.id`, `links.source_id`). A text is the name
        that `newscrawl show` takes: the site's own id (`"231726"`), `"site/231726"`, any of the
        article's URLs, or `"#7"` for row 7. UsageError if there is no such article, or if several
        sites have it.
        """
        from newscrawl.api.article import Article
        from newscrawl.api.checks import row_number
        from newscrawl.api.records import columns_of, values_of
        from newscrawl.core.text import clean_text
        from newscrawl.sites.generic import known_sites
        from newscrawl.store.read import lookup
        from newscrawl.store.read.article_rows import article_rows

        if not isinstance(name, str):
            name = row_number(name)
        with self.reading() as reader:
            if isinstance(name, int):
                found = lookup.by_row(reader.db, name)
            else:
                sites = known_sites(reader.sites(), self.path)
                found = lookup.find_article(reader.db, clean_text(name), sites)
            if found is None:
                raise self._no_article(name)
            columns = columns_of(Article)
            [row] = article_rows(reader.db, "article", found.id, columns=columns).rows
        with self.naming_damage():
            return Article(**values_of(columns, row), _archive=self)

    def revisions(self, **only: Unpack[Filters]) -> Table[Revision]:
        """The revisions of all articles, with their texts, by article and number."""
        from newscrawl.api.records import Revision

        return self._export("revisions", Revision, only)

    def links(self, **only: Unpack[Filters]) -> Table[Link]:
        """The links between articles, by the id of the linking article, which the filter is about.

        Links to articles that were never read are included.
        """
        from newscrawl.api.records import Link

        return self._export("links", Link, only)

    def listings(self, **only: Unpack[Filters]) -> Table[Listing]:
        """What each category page showed, by crawl, category, page and position.

        The filter is about the articles shown, and `category` about the category page.
        """
        from newscrawl.api.records import Listing

        return self._export("listings", Listing, only)

    def front(self, site: str, on: Day | None = None) -> Table[FrontSlot]:
        """What the category pages of a site showed on a day in its own zone, from the top.

        By default, the last day on which they were read. Each place is compared with the day
        before. UsageError for an unknown site, or a day on which no category page was read.
        """
        from newscrawl.api.checks import day_text, text_of
        from newscrawl.api.records import FrontSlot
        from newscrawl.api.sources import ListSource, front_rows
        from newscrawl.core.days import read_day
        from newscrawl.store.read.front_pages import front_page

        day = read_day(day_text("on", on), "on", date.today())
        name = text_of("site", site) or ""
        with self.reading() as reader:
            page = front_page(reader.db, name, day.isoformat() if day else None)
        source = ListSource(noun="places", record=FrontSlot, rows=front_rows(page))
        return source.table()

    def changes(
        self,
        *,
        site: str | None = None,
        kind: EditKind | None = None,
        since: Day | None = None,
        until: Day | None = None,
        limit: int | None = None,
    ) -> Table[Change]:
        """What publishers changed after publication, the newest change first.

        `kind` is one of `newscrawl diff --help`. `since` and `until` are days on which the change
        was seen, in the site's own zone. The changes are compared word by word at once, about a
        thousand a second, so `limit` saves time. UsageError for an unknown site.
        """
        from newscrawl.api.checks import EDIT_KINDS, day_texts, number_of, one_of, text_of
        from newscrawl.api.records import Change
        from newscrawl.api.sources import ListSource, change_row
        from newscrawl.core.diffs import STEPS, Effort
        from newscrawl.store.read.revisions import EditFilter, edited

        one_of("kind", kind, EDIT_KINDS)
        first, last = day_texts(since, until)
        most = number_of("limit", limit)
        most = ALL_CHANGES if most is None else min(most, ALL_CHANGES)
        chosen = EditFilter(text_of("site", site), kind, first, last)
        with self.reading() as reader:
            found = edited(reader.db, chosen, most, Effort(EFFORT * STEPS))
        rows = [change_row(each) for each in found]
        return ListSource(noun="changes", record=Change, rows=rows).table()

    def volume(
        self,
        *queries: str | Sequence[str],
        by: By = "month",
        share: bool = False,
        **only: Unpack[Filters],
    ) -> Table[VolumeCount]:
        """How much was published about something: one row for each period and query.

        Queries are arguments, or one list. `by` is `hour`, `day`, `week`, `month`, `year`, `site`,
        `category`, `author` or `tag`. Periods run from the first publication to the last, or from
        `since` to `until`, and those without an article are rows too; articles without a day of
        publication, or without an author, are in none. `share` also counts all articles. For the
        keywords, see Filters. UsageError for a query without a word.
        """
        from newscrawl.api.checks import (
            PERIODS_AND_NAMES,
            filter_beside_query,
            one_of,
            queries_of,
        )
        from newscrawl.api.records import VolumeCount
        from newscrawl.api.sources import ListSource, volume_rows
        from newscrawl.store.read.volume import volume

        one_of("by", by, PERIODS_AND_NAMES)
        typed, chosen = queries_of(queries), filter_beside_query(only)
        with self.reading() as reader:
            found = volume(reader.db, typed, chosen, by=by, share=share)
        source = ListSource(
            noun="counts", record=VolumeCount, rows=volume_rows(found), queries=found.queries
        )
        return source.table()

    def graph(self, **only: Unpack[Filters]) -> networkx.MultiDiGraph[int]:
        """The links as a networkx.MultiDiGraph; the filter is about the linking article.

        A node is the id of an article, with `site`, `key`, `url`, `state`, `title` and
        `published_at`. An edge has the link's kind as its key, and `position`, `first_seen_at` and
        `last_seen_at`. Times are aware datetimes. UsageError if networkx is not installed.
        """
        from newscrawl.api.checks import filter_of
        from newscrawl.api.graph import networkx_graph

        with self.reading() as reader, self.naming_damage():
            return networkx_graph(reader.db, filter_of(only))

    @property
    def db(self) -> Database:
        """The database, read-only, as a sqlite_utils.Database, for SQL of your own.

        docs/data-dictionary.md describes its tables. `close()` closes it. Errors are SQLite's.
        """
        if self._db is None:
            from newscrawl.core.extras import without_modules

            with without_modules("numpy", "pandas"):
                from sqlite_utils import Database

            self._db = Database(open_plain(self.path))
        return self._db

    def close(self) -> None:
        """Closes `db`, if it was used."""
        if self._db is not None:
            self._db.conn.close()
            self._db = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[Archive], tuple[Path]]:
        return type(self), (self.path,)

    def __repr__(self) -> str:
        return f"newscrawl.open({str(self.path)!r})"

    def _repr_html_(self) -> str:
        """The sites with what the archive has of them, for a notebook."""
        from newscrawl.api.html import table_html
        from newscrawl.store.read.overview import site_statuses

        with self.reading() as reader:
            statuses = site_statuses(reader.db)
        rows = []
        for status in statuses:
            read = status.states.get("stored", 0) + status.states.get("gone", 0)
            rows.append((status.site, status.name, read, status.newest))
        return table_html(("site", "name", "articles", "newest"), rows, len(rows))

    def reading(self) -> Reader:
        """A context manager: one state of the archive, read through a connection of its own."""
        from newscrawl.store.read.reader import Reader

        return Reader(self.path)

    @contextmanager
    def naming_damage(self) -> Iterator[None]:
        """ArchiveDamaged, with table, row and column, for a value that cannot be converted."""
        try:
            yield
        except (ValueError, TypeError) as error:
            from newscrawl.store.read.damage import damage_behind

            raise damage_behind(error, self.path, DAMAGE_SECONDS) or error from error

    def _no_article(self, name: int | str) -> UsageError:
        if isinstance(name, int):
            return UsageError(
                f"the archive has no row {name}",
                f'to find an article by the id on its site: archive.article("{name}")',
            )
        return UsageError(
            f"the archive has no article {name[:200]!r}",
            f"name it by the site's own id, by SITE/ID or by its URL, or {self.row_hint}",
        )

    def _export(self, subject: Subject, record: type[Any], only: Filters) -> Table[Any]:
        from newscrawl.api.checks import filter_of
        from newscrawl.api.sources import ExportSource

        source = ExportSource(archive=self, subject=subject, only=filter_of(only), record=record)
        return source.table()


ALL_CHANGES = 2**31
# Times the effort of one comparison, which an ordinary edit needs a hundredth of: some minutes of
# CPU for all changes of an archive, however hostile its texts are.
EFFORT = 1_000
