"""Made-up reports, and copies of them as other papers print them: words replaced, left out, put in."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

SYLLABLES = (
    "ba bân chí chợ dân dầu đất điện giá gạo hàng hội khu kho lúa làng mưa mùa nước nhà phố quê rừng ruộng sông sản"
    " tàu thuế tỉnh trâu vàng vốn vụ xe xã xuân"
).split()
WORDS = tuple(f"{one} {other}" for one in SYLLABLES for other in SYLLABLES[::4] if one != other)

# As many words as a paper uses: unlike texts then share about a thousandth of their three-word runs, as real ones do.
ONSETS, RIMES = "b ch kh l m n r t v x".split(), "a ai ân e ên i iêu oan ông u ư".split()
MANY_WORDS = tuple(
    f"{onset}{rime} {other}{end}"
    for onset in ONSETS
    for rime in RIMES
    for other in ONSETS[::2]
    for end in RIMES[::2]
)


def report(seed: int, paragraphs: int = 5, words: Sequence[str] = WORDS) -> str:
    """A text of about 250 words; every seed has the same vocabulary, common words and rare ones."""
    rng = Random(seed)
    return "\n\n".join(" ".join(_sentence(rng, words) for _ in range(3)) for _ in range(paragraphs))


def copy_of(text: str, seed: int, share: float) -> str:
    """The text with this share of its words changed: a third each replaced, left out, and put in anew."""
    rng = Random(seed)
    return "\n\n".join(
        " ".join(_reworded(paragraph.split(), rng, share)) for paragraph in text.split("\n\n")
    )


def _sentence(rng: Random, words: Sequence[str]) -> str:
    return (
        " ".join(
            words[int(len(words) * rng.random() ** 2)] for _ in range(rng.randint(6, 11))
        ).capitalize()
        + "."
    )


def _reworded(words: Sequence[str], rng: Random, share: float) -> list[str]:
    kept: list[str] = []
    for word in words:
        draw = rng.random() / share
        new = rng.choice(rng.choice(WORDS).split())
        kept += (
            [word] if draw >= 1 else [new] if draw < 1 / 3 else [] if draw < 2 / 3 else [word, new]
        )
    return kept
