"""Finds near copies across sites: candidates by MinHash bands, confirmed by comparing the texts.

A text that is new or has changed since the last update is compared with all others.
docs/decisions.md explains the numbers.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby

from newscrawl.core.errors import UsageError
from newscrawl.core.extras import install_hint
from newscrawl.core.processes import ProcessPool, batches, jobs_for
from newscrawl.core.text import fold
from newscrawl.store.rows import Pair
from newscrawl.store.write.duplicates import SHORTEST_TEXT, Text
from newscrawl.store.write.store import Store

# Words in a run. Texts on the same subject share runs of two words, and a copy with a fifth of its
# words changed shares hardly any run of four.
RUN = 3
BANDS, ROWS = 64, 2
SEED = 20260901
THRESHOLD = 0.4
BATCH = 500
COMPARISONS = 50  # that a worker makes between two results
WORTH_WORKERS = 2000  # texts; for fewer, starting the processes takes longer than the work
_WORD = re.compile(r"\w+")
# Common words are folded once, which makes the runs of a text five times as fast.
_folded = lru_cache(maxsize=100_000)(fold)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A text and the candidates for its near copies."""

    text: Text
    others: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did: texts read, how many of them had changed, and near pairs found."""

    texts: int
    changed: int
    pairs: int


def update(
    store: Store, *, jobs: int | None = None, on_text: Callable[[], None] = lambda: None
) -> Updated:
    """Compares each new or changed text with all others. An interrupted update keeps its results.

    UsageError if rensa is not installed.
    """
    require_rensa()
    changed = store.duplicates.forget_changed()
    jobs = jobs_for(jobs, store.duplicates.count_uncompared(), WORTH_WORKERS)
    texts = 0
    pairs = 0
    with ProcessPool(jobs, __name__, (Text, Comparison, Pair)) as workers:
        for batch, bands in workers.map(bands_of, store.duplicates.uncompared_texts(BATCH)):
            pairs += _compare(store, workers, list(zip(batch, bands, strict=True)))
            texts += len(batch)
            for _ in batch:
                on_text()
    return Updated(texts, changed, pairs)


def require_rensa() -> None:
    """UsageError if rensa, which computes the hashes, is not installed."""
    try:
        import rensa  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"finding near-duplicates needs rensa, which is not installed ({error})",
            install_hint("dupes"),
        ) from error


def runs(text: str) -> frozenset[str]:
    """The three-word runs of a text, without case and diacritics."""
    words = [_folded(word) for word in _WORD.findall(text)]
    starts = range(len(words) - RUN + 1)
    return frozenset(" ".join(words[start : start + RUN]) for start in starts)


def similarity(first: frozenset[str], second: frozenset[str]) -> float:
    """The share of the shorter text's runs that the longer text contains.

    A shortened copy is therefore still a copy.
    """
    shorter = min(len(first), len(second))
    if not shorter:
        return 0.0
    return round(len(first & second) / shorter, 4)


def bands_of(texts: Sequence[Text]) -> list[list[int]]:
    """The bands of each text; none for a text that is too short."""
    return [_bands(text.body) for text in texts]


def _bands(body: str) -> list[int]:
    """48-bit numbers, which SQLite stores in six bytes: each is a hash of a band and its minima."""
    from rensa import RMinHash

    if len(body) < SHORTEST_TEXT:
        return []
    text_runs = runs(body)
    if not text_runs:
        return []
    minima = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    minima.update(text_runs)
    digest: list[int] = minima.digest()
    return [_band_number(band, digest[band * ROWS : (band + 1) * ROWS]) for band in range(BANDS)]


def _band_number(band: int, minima: Sequence[int]) -> int:
    packed = struct.pack(f"<B{ROWS}I", band, *minima)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=6).digest(), "big")


def _compare(
    store: Store, workers: ProcessPool, texts_and_bands: Sequence[tuple[Text, Sequence[int]]]
) -> int:
    """Adds the bands of texts and the pairs found among their candidates, in one transaction."""
    with store.transaction():
        store.duplicates.add_bands(texts_and_bands)
        candidate_pairs = store.duplicates.candidates(texts_and_bands)
        ids = set(chain.from_iterable(candidate_pairs))
        texts = store.duplicates.texts_of(ids)
        comparisons = []
        for first, group in groupby(candidate_pairs, key=lambda pair: pair[0]):
            others = tuple(texts[other] for _, other in group if other in texts)
            if first in texts:
                comparisons.append(Comparison(texts[first], others))
        pairs: list[Pair] = []
        for _, near_pairs in workers.map(near_copies, batches(comparisons, COMPARISONS)):
            pairs += near_pairs
        store.duplicates.add_pairs(pairs)
    return len(pairs)


def near_copies(comparisons: Sequence[Comparison]) -> list[Pair]:
    """The pairs among the candidates whose texts are similar enough."""
    pairs = []
    runs_of = lru_cache(maxsize=1000)(runs)
    for comparison in comparisons:
        text = comparison.text
        for other in comparison.others:
            if other.body_hash == text.body_hash:
                continue  # the store notes equal texts when it stores them
            score = similarity(runs_of(text.body), runs_of(other.body))
            if score >= THRESHOLD:
                pairs.append(Pair(text.article_id, other.article_id, "minhash", score))
    return pairs
