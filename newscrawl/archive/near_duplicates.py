"""Near copies across sites: found by MinHash bands, then judged by the texts themselves.

Numbers and what they catch: docs/decisions.md. What is new since the last update is compared with everything.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from newscrawl.core.errors import UsageError
from newscrawl.core.processes import Workers, batches, jobs_for
from newscrawl.core.text import fold
from newscrawl.store.read.duplicates import uncompared
from newscrawl.store.rows import Pair
from newscrawl.store.write.duplicates import (
    SHORTEST_TEXT,
    Text,
    add_bands,
    add_pairs,
    candidates,
    forget_changed,
    texts_of,
    uncompared_texts,
)
from newscrawl.store.write.store import Store

RUN = 3  # words: runs of two are common to texts on one subject, of four a copy with a fifth of its words changed loses
BANDS, ROWS = 64, 2
SEED = 20260901
THRESHOLD = 0.4
BATCH = 500
COMPARISONS = 50  # that a worker makes between two results
WORTH_WORKERS = 2000  # texts: below, starting the processes takes longer than the work
_WORD = re.compile(r"\w+")
_folded = lru_cache(maxsize=100_000)(
    fold
)  # a language's common words, once each: five times as fast


@dataclass(frozen=True, slots=True)
class Comparison:
    """A text, and those that may be like it."""

    text: Text
    others: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did: texts read, how many of them had changed since the last one, and near pairs found."""

    texts: int
    changed: int
    pairs: int


def update(
    store: Store, *, jobs: int | None = None, on_text: Callable[[], None] = lambda: None
) -> Updated:
    """Compares every text that is new or changed with all others; what is written stays written if it is stopped.

    UsageError where rensa is not installed.
    """
    require_rensa()
    with store.transaction() as db:
        changed = forget_changed(db)
    jobs = jobs_for(jobs, uncompared(store.db), WORTH_WORKERS)
    texts = pairs = 0
    with Workers(jobs, __name__, (Text, Comparison, Pair)) as workers:
        for batch, bands in workers.map(bands_of, uncompared_texts(store.db, BATCH)):
            pairs += _compare(store, workers, list(zip(batch, bands, strict=True)))
            texts += len(batch)
            for _ in batch:
                on_text()
    return Updated(texts, changed, pairs)


def require_rensa() -> None:
    """UsageError where rensa, which makes the hashes, is not installed."""
    try:
        import rensa  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"near copies need rensa, which is not installed ({error})",
            "pip install 'newscrawl[dupes]'",
        ) from error


def runs(text: str) -> frozenset[str]:
    """The three-word runs of a text, without case and marks."""
    words = [_folded(word) for word in _WORD.findall(text)]
    return frozenset(" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of the shorter text's runs that are in the longer one: a copy that was cut short is still a copy."""
    shorter = min(len(one), len(other))
    return round(len(one & other) / shorter, 4) if shorter else 0.0


def bands_of(texts: Sequence[Text]) -> list[list[int]]:
    """The bands of each text; none of one that is too short."""
    return [_bands(runs(text.body)) if len(text.body) >= SHORTEST_TEXT else [] for text in texts]


def _bands(found: frozenset[str]) -> list[int]:
    """Numbers of 48 bits, which SQLite keeps in six bytes, each of one band's minima and its place."""
    from rensa import RMinHash

    if not found:
        return []
    minima = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    minima.update(found)
    digest: list[int] = minima.digest()
    return [_number(place, digest[place * ROWS : (place + 1) * ROWS]) for place in range(BANDS)]


def _number(place: int, minima: Sequence[int]) -> int:
    packed = struct.pack(f"<B{ROWS}I", place, *minima)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=6).digest(), "big")


def _compare(store: Store, workers: Workers, found: Sequence[tuple[Text, Sequence[int]]]) -> int:
    """Adds the texts to the band table and compares each with what it shares bands with, as one transaction."""
    with store.transaction() as db:
        add_bands(db, found)
        wanted = candidates(db, found)
        known = texts_of(db, {each for pair in wanted for each in pair})
        work = [
            Comparison(known[first], tuple(known[other] for _, other in group))
            for first, group in groupby(wanted, key=lambda pair: pair[0])
        ]
        pairs = [
            pair for _, some in workers.map(judge, batches(work, COMPARISONS)) for pair in some
        ]
        add_pairs(db, pairs)
    return len(pairs)


def judge(comparisons: Sequence[Comparison]) -> list[Pair]:
    """The pairs among the candidates whose texts are alike indeed."""
    pairs = []
    runs_of = lru_cache(maxsize=1000)(runs)
    for each in comparisons:
        for other in each.others:
            if other.body_hash == each.text.body_hash:
                continue  # the store has noted those when it stored them
            alike = similarity(runs_of(each.text.body), runs_of(other.body))
            if alike >= THRESHOLD:
                pairs.append(Pair(each.text.article_id, other.article_id, "minhash", alike))
    return pairs
