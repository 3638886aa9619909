"""Names in a printed by-line, in Vietnamese and English: without labels, jobs, places, addresses and photographers."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONGEST = 500  # characters: a by-line; the patterns below take more than a moment for a novel
_PICTURES = r"(?:ảnh|video|clip|đồ họa|đồ hoạ|photos?|graphics?)"
_TEXTS = r"(?:bài viết|bài|tin|nội dung|thực hiện|tác giả|người viết|text|story)"
# "Bài, ảnh: An": An wrote it, too. "Ảnh: An" alone names who took the pictures.
_LABEL = re.compile(
    rf"^\W*{_TEXTS}(?:\s*(?:,|và|&|-|–)\s*(?:{_TEXTS}|{_PICTURES}))*\s*:\s*", re.IGNORECASE
)
_PHOTOGRAPHER = re.compile(rf"(?:^|(?<=[\s,;.–-])){_PICTURES}\s*:.*$", re.IGNORECASE | re.DOTALL)
_AND = re.compile(r"\s+(?:và|&)\s+|\s+and\s+")
_AFTER = re.compile(r"\s*\([^()]*\)\s*$|\s+\S+@\S+$")
# Before a name in small letters only: "PV TTXVN" names nobody else.
_JOB = re.compile(
    r"^(?:(?i:phóng viên|pv|biên tập viên|btv|cộng tác viên|ctv|nhà báo))\s*:?\s+(?=\w[^\WA-Z\d_])"
)
_NOBODY = re.compile(
    rf"(?:theo|nguồn)\b.*|(?:{_TEXTS}|{_PICTURES}|tổng hợp)\W*|\W*", re.IGNORECASE | re.DOTALL
)


def persons(printed: str) -> Iterator[str]:
    """The parts of a by-line that name persons, divided at "và", "&" and "and". What is too long stays as it is."""
    if len(printed) > _LONGEST:
        yield printed
        return
    text = _PHOTOGRAPHER.sub("", _LABEL.sub("", printed)).strip(" ,;–-")
    yield from (part for part in _AND.split(text) if part.strip())


def bare_name(name: str) -> str | None:
    """The name alone; None for a source ("Theo …") and for a label that names nobody."""
    if len(name) > _LONGEST:
        return name
    name = _JOB.sub("", _AFTER.sub("", _AFTER.sub("", name))).strip()
    return None if _NOBODY.fullmatch(name) else name
