"""Which articles a search, an export or a count is about, as SQL conditions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from newscrawl.core.errors import UsageError
from newscrawl.core.query import Node, Query, all_of
from newscrawl.core.query_parser import parse_query, words_in_field
from newscrawl.store.conditions import Conditions, marks
from newscrawl.store.known_names import category_ids, check_site
from newscrawl.store.matching import Matcher
from newscrawl.store.rows import HIDDEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A choice of articles; None does not restrict it.

    `category` is a key, slug or name. `since` and `until` are days (`2026-09-01`), months or years
    in the article's own zone. `search` is a query (core.query_parser). `author` and `tag` are
    names, or words that follow each other in one. `revised` and `gone` choose the articles that
    are, or that are not.
    """

    site: str | None = None
    category: str | None = None
    since: str | None = None
    until: str | None = None
    search: str | None = None
    author: str | None = None
    tag: str | None = None
    min_words: int | None = None
    max_words: int | None = None
    revised: bool | None = None
    gone: bool | None = None

    @property
    def note(self) -> str | None:
        """What of `search` could not be understood, and what is searched instead."""
        return None if self.search is None else parse_query(self.search).note

    @property
    def understood(self) -> str:
        """`search` with all operators and parentheses; empty without one."""
        return "" if self.search is None else parse_query(self.search).understood

    def query(self) -> Node | None:
        """What has to match; None for no `search`, `author` or `tag`.

        UsageError for one that has no letter and no digit.
        """
        return all_of(
            (
                None if self.search is None else searched(self.search).tree,
                None if self.author is None else words_in_field("author", self.author),
                None if self.tag is None else words_in_field("tag", self.tag),
            )
        )

    def conditions(
        self,
        db: sqlite3.Connection,
        *,
        article: str = "a",
        category: str = "a.category_id",
        with_hidden: bool = False,
    ) -> Conditions:
        """Conditions on a row called `article` and on `category`, an expression for the id.

        Articles in quarantine and blocked ones are left out unless `with_hidden`. UsageError for a
        site or category that the archive lacks.
        """
        conditions = self.other_conditions(
            db, article=article, category=category, with_hidden=with_hidden
        )
        query = self.query()
        if query is not None:
            clause, values = Matcher(db, article, category).condition(query)
            conditions.add(f"({clause})", *values)
        return conditions

    def other_conditions(
        self,
        db: sqlite3.Connection,
        *,
        article: str = "a",
        category: str = "a.category_id",
        with_hidden: bool = False,
    ) -> Conditions:
        """The same without those of query()."""
        conditions = Conditions()
        if not with_hidden:
            conditions.add(f"{article}.state NOT IN {HIDDEN}")
        if self.site is not None:
            check_site(db, self.site)
        if self.category is not None:
            # These are categories of the site, so no condition on the site is needed.
            ids = category_ids(db, self.category, self.site)
            conditions.add(f"{category} IN ({marks(len(ids))})", *ids)
        elif self.site is not None:
            conditions.add(f"{article}.site = ?", self.site)
        self._add_days(conditions, article)
        self._add_facts(conditions, article)
        return conditions

    def _add_days(self, conditions: Conditions, article: str) -> None:
        # A month or a year (`2026-08`) matches if any of its days does.
        day = f"substr({article}.published_local, 1, 10)"
        if self.since is not None:
            conditions.add(f"{day} >= substr(?, 1, length({day}))", self.since)
        if self.until is not None:
            conditions.add(f"{day} <= ?", self.until)

    def _add_facts(self, conditions: Conditions, article: str) -> None:
        if self.search is not None:
            conditions.add(f"{article}.revision > 0")  # it was read, so that it has a text
        if self.min_words is not None and self.max_words is not None:
            _check_lengths(self.min_words, self.max_words)
        if self.min_words is not None:
            conditions.add(f"{article}.word_count >= ?", self.min_words)
        if self.max_words is not None:
            conditions.add(f"{article}.word_count <= ?", self.max_words)
        if self.revised is not None:
            conditions.add(f"({article}.revision > 1) = ?", self.revised)
        if self.gone is not None:
            conditions.add(f"({article}.state = 'gone') = ?", self.gone)


def searched(typed: str) -> Query:
    """The query that was typed. UsageError if there is nothing in it to search for."""
    query = parse_query(typed)
    if query.tree is None:
        raise UsageError(
            f"the query {typed[:60]!r} has no letter and no digit", "search for a word"
        )
    return query


def _check_lengths(least: int, most: int) -> None:
    if least > most:
        raise UsageError(
            f"no text has at least {least:,} and at most {most:,} words", "swap the two numbers"
        )
