"""Reads the query language of searches.

    xuất khẩu gạo              every word, in the title, the summary or the body
    "giá xăng" OR "giá dầu"    a phrase; one or the other
    gạo -Thái  gạo NOT Thái    without a word
    (gạo OR lúa) xuất*         groups; any word that begins so
    title:gạo  tag:"tài chính" a field: title, summary, body, author, tag, category, site
    gạo NEAR/5 giá             at most five words between them

NOT binds before AND, written or not, and AND before OR. Words between letters, such as those of
`covid-19`, are a phrase. Text that is not a query is searched as plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from newscrawl.core.errors import UsageError
from newscrawl.core.query import (
    FIELDS,
    WHOLE_FIELDS,
    And,
    Near,
    Node,
    Not,
    Or,
    Query,
    Words,
    depth,
    leaves,
)
from newscrawl.core.query_slips import MOST_DISTANCE, Piece, slips
from newscrawl.core.text import clean_text

MOST_CHARACTERS = 20_000
MOST_WORDS = 1000
_DEEPEST = 50  # parentheses inside each other
# Operators inside each other. Of more than 27, SQLite's parser may refuse the statement.
_DEEPEST_OPERATORS = 20
_USUAL_DISTANCE = 10  # of NEAR without a number, as in SQLite

_QUOTES = '"\u201c\u201d\u201e'
# A word for the tokenizer of the index: letters and digits. A combining mark does not end it.
_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
_NEAR = re.compile(r"NEAR(?:/(\d{1,9}))?")
_TOKEN = re.compile(
    rf"""\s* (?:
        (?P<open> \( ) | (?P<close> \) )
        | (?P<field> (?:{"|".join(FIELDS)}) ) :
        | - (?P<minus> ) (?=[^\s)-])
        | [{_QUOTES}] (?P<phrase> [^{_QUOTES}]* ) [{_QUOTES}] (?P<prefix> \*? )
        | (?P<unclosed> [{_QUOTES}] )
        | (?P<chunk> [^\s(){_QUOTES}]+ )
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def parse_query(typed: str) -> Query:
    """The query, or its words if it is none; UsageError for one that is far too long."""
    if len(typed) > MOST_CHARACTERS:
        raise UsageError(
            f"the query has {len(typed):,} characters, and may have {MOST_CHARACTERS:,}",
            "shorten the query",
        )
    text = clean_text(typed)
    try:
        parser = _Parser(text)
        tree = parser.query()
        notes = [*slips(_pieces(text)), *parser.notes]
        query = Query(typed, tree, "; ".join(dict.fromkeys(notes)) or None)
    except _NotAQuery as error:
        words = [Words((word,), word) for word in dict.fromkeys(_words(text))]
        note = (
            f"cannot parse the query at character {error.position + 1}: {error.reason};"
            " searched for the words instead"
        )
        query = Query(typed, _joined(And, words) if words else None, note)
    count = sum(len(leaf.words) for leaf in leaves(query.tree))
    if count > MOST_WORDS:
        raise UsageError(
            f"the query has {count:,} words, and may have {MOST_WORDS}", "shorten the query"
        )
    return query


def words_in_field(field: str, text: str) -> Words:
    """A phrase for a field, from text without syntax; UsageError if it has no letter or digit."""
    clean = clean_text(text)
    words = _words(clean)
    if not words:
        raise UsageError(f"expected a word of the {field}, found {text[:60]!r}", "type its name")
    return Words(words, clean, field=field)


class _NotAQuery(Exception):
    """The text breaks the syntax; parse_query then takes it as plain words."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is a group of _TOKEN, AND, OR, NOT, NEAR, or `words` for what is searched."""

    kind: str
    position: int
    words: Words | None = None
    text: str = ""


class _Parser:
    """Reads a query from left to right; each method takes the tokens of its part.

    `notes` are about what was ignored.
    """

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._end = _Token("end", len(text))
        self._next = 0
        self._depth = 0
        self.notes: list[str] = []

    def query(self) -> Node | None:
        """The whole tree; None for a text without words."""
        if not self._tokens:
            return None
        tree = self._either(None)
        if self._token.kind != "end":
            raise _NotAQuery("unmatched )", self._token.position)
        if depth(tree) > _DEEPEST_OPERATORS:
            raise _NotAQuery("operators are nested too deeply", 0)
        return tree

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end

    def _take(self, *kinds: str) -> _Token | None:
        """The next token, if it is of one of these kinds."""
        token = self._token
        if token.kind not in kinds:
            return None
        self._next += 1
        return token

    def _either(self, field: str | None) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotAQuery("parentheses are nested too deeply", self._token.position)
        parts = [self._all(field)]
        while self._take("OR"):
            parts.append(self._all(field))
        self._depth -= 1
        return _joined(Or, parts)

    def _all(self, field: str | None) -> Node:
        parts = [self._negated(field)]
        while self._take("AND") or self._token.kind not in ("OR", "close", "end"):
            parts.append(self._negated(field))
        return _joined(And, parts)

    def _negated(self, field: str | None) -> Node:
        negations = 0
        while self._take("NOT", "minus"):
            negations += 1
        part = self._near(field)
        return Not(part) if negations % 2 else part

    def _near(self, field: str | None) -> Node:
        part = self._one(field)
        pairs: list[Node] = []
        while token := self._take("NEAR"):
            following = self._one(field)
            if not isinstance(part, Words) or not isinstance(following, Words):
                raise _NotAQuery("NEAR must stand between two words or phrases", token.position)
            if part.field != following.field or part.field in WHOLE_FIELDS:
                raise _NotAQuery("both sides of NEAR must be in the same field", token.position)
            pairs.append(Near(part, following, int(token.text)))
            part = following
        return _joined(And, pairs) if pairs else part

    def _one(self, field: str | None) -> Node:
        if token := self._take("words"):
            assert token.words is not None
            return self._in_field(token.words, field)
        if token := self._take("field"):
            if field is not None:
                raise _NotAQuery("a field cannot be inside a field", token.position)
            return self._one(token.text)
        if token := self._take("open"):
            part = self._either(field)
            if not self._take("close"):
                raise _NotAQuery("unmatched (", token.position)
            return part
        raise _NotAQuery("a word is missing", self._token.position)

    def _in_field(self, words: Words, field: str | None) -> Words:
        if field in WHOLE_FIELDS and words.is_prefix:
            self.notes.append(f"{field}: matches whole names only; the * was ignored")
            words = replace(words, is_prefix=False)
        return replace(words, field=field)


def _pieces(text: str) -> list[Piece]:
    pieces = []
    for match in _TOKEN.finditer(text):
        typed = match.group()
        piece = typed.lstrip()
        kind = "phrase" if match["phrase"] is not None else match.lastgroup
        pieces.append(Piece(str(kind), piece, piece != typed))
    return pieces


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens; punctuation alone is none."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != "prefix" else "phrase"
        position = match.end() - len(match.group().lstrip())
        if kind == "unclosed":
            raise _NotAQuery("unclosed quotation mark", position)
        if kind == "field":
            yield _Token(kind, position, text=match["field"].lower())
        elif kind == "phrase":
            words = Words(_words(match["phrase"]), match["phrase"].strip(), bool(match["prefix"]))
            if words.words:
                yield _Token("words", position, words)
        elif kind == "chunk":
            yield from _chunk(match["chunk"], position)
        else:
            assert kind is not None
            yield _Token(kind, position)


def _chunk(chunk: str, position: int) -> Iterator[_Token]:
    """An operator, or the words between two spaces."""
    if chunk in ("AND", "OR", "NOT"):
        yield _Token(chunk, position)
        return
    if near := _NEAR.fullmatch(chunk):
        distance = min(int(near[1] or _USUAL_DISTANCE), MOST_DISTANCE)
        yield _Token("NEAR", position, text=str(distance))
        return
    text = chunk.removesuffix("*")
    words = _words(text)
    if "*" in text or ("*" in chunk and not (words and _WORD.match(text[-1:]))):
        raise _NotAQuery("* is only allowed at the end of a word", position + chunk.index("*"))
    if words:
        yield _Token("words", position, Words(words, text, is_prefix=text != chunk))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(text))


def _joined(kind: type[And | Or], parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))
