"""A query as SQL: what the full-text index finds, and conditions on rows of `articles`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import chain

from newscrawl.core.query import And, Near, Node, Not, Or, Words
from newscrawl.store.conditions import Conditions, marks
from newscrawl.store.full_text import FullText, is_text, is_text_or_without
from newscrawl.store.known_names import category_ids, check_site


@dataclass(frozen=True, slots=True)
class Matching:
    """The articles of a query: those that `full_text` finds, for which the conditions hold.

    `full_text` is None if the index cannot narrow the search.
    """

    full_text: str | None
    conditions: Conditions


class Matcher:
    """Compiles queries about the articles of one archive.

    Their rows are called `article`, and `category` is an expression for the id of the category.
    """

    def __init__(
        self, db: sqlite3.Connection, article: str = "a", category: str = "a.category_id"
    ) -> None:
        self._db = db
        self._article = article
        self._category = category
        self._index = FullText(db)

    def matching(self, tree: Node) -> Matching:
        """UsageError for a site or category that the archive lacks."""
        full_text, others = self._split(tree)
        conditions = Conditions()
        for part in others:
            clause, values = self.condition(part)
            conditions.add(clause, *values)
        return Matching(full_text, conditions)

    def condition(self, tree: Node) -> tuple[str, list[object]]:
        """The whole query as one condition, and the values of its parameters."""
        full_text, others = self._split(tree)
        clauses: list[str] = []
        values: list[object] = []
        if full_text is not None:
            found = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"
            clauses.append(f"{self._article}.id IN ({found})")
            values.append(full_text)
        for part in others:
            clause, part_values = self._condition_of_other(part)
            clauses.append(clause)
            values += part_values
        return " AND ".join(clauses), values

    def _split(self, tree: Node) -> tuple[str | None, list[Node]]:
        """What the index finds, in its syntax, and the parts that it cannot answer."""
        if is_text(tree):
            return self._index.syntax(tree), []
        if not isinstance(tree, And):
            return None, [tree]
        texts = [part for part in tree.parts if is_text_or_without(part)]
        if not any(map(is_text, texts)):
            return None, list(tree.parts)
        others = [part for part in tree.parts if not is_text_or_without(part)]
        return self._index.syntax(And(tuple(texts))), others

    def _condition_of_other(self, node: Node) -> tuple[str, list[object]]:
        """The condition for a node that the index cannot answer."""
        match node:
            case Words():
                return self._whole_value(node)
            case Not():
                clause, values = self.condition(node.part)
                return f"NOT ({clause})", values
            case And() | Or():
                operator = " AND " if isinstance(node, And) else " OR "
                parts = [self.condition(part) for part in node.parts]
                clauses = [f"({clause})" for clause, _ in parts]
                values = list(chain.from_iterable(values for _, values in parts))
                return f"({operator.join(clauses)})", values
            case Near():
                raise ValueError("NEAR is full text")

    def _whole_value(self, words: Words) -> tuple[str, list[object]]:
        if words.field == "site":
            check_site(self._db, words.text)
            return f"{self._article}.site = ?", [words.text]
        ids = category_ids(self._db, words.text)
        # An article without a category is not in this one: false, and not NULL.
        in_category = f"{self._category} IN ({marks(len(ids))})"
        return f"ifnull({in_category}, 0)", list(ids)
