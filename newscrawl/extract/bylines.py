"""Names in a printed byline, in Vietnamese and English.

Labels, jobs, places, addresses and photographers are removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONGEST = (
    500  # characters of a byline; on a longer text the patterns below take more than a moment
)
_PICTURES = r"(?:ảnh|video|clip|đồ họa|đồ hoạ|photos?|graphics?)"
_TEXTS = r"(?:bài viết|bài|tin|nội dung|thực hiện|tác giả|người viết|text|story)"
# "Bài, ảnh: An": An wrote it, too. "Ảnh: An" alone names the photographer.
_LABEL = re.compile(
    rf"^\W*{_TEXTS}(?:\s*(?:,|và|&|-|–)\s*(?:{_TEXTS}|{_PICTURES}))*\s*:\s*", re.IGNORECASE
)
_PHOTOGRAPHER = re.compile(rf"(?:^|(?<=[\s,;.–-])){_PICTURES}\s*:.*$", re.IGNORECASE | re.DOTALL)
_AND = re.compile(r"\s+(?:và|&)\s+|\s+and\s+")
_AFTER = re.compile(r"\s*\([^()]*\)\s*$|\s+\S+@\S+$")
# Only before a name that is not all capitals: "PV TTXVN" names nobody else.
_JOB = re.compile(
    r"^(?:(?i:phóng viên|pv|biên tập viên|btv|cộng tác viên|ctv|nhà báo))\s*:?\s+(?=\w[^\WA-Z\d_])"
)
_NOBODY = re.compile(
    rf"(?:theo|nguồn)\b.*|(?:{_TEXTS}|{_PICTURES}|tổng hợp)\W*|\W*", re.IGNORECASE | re.DOTALL
)


def persons(byline: str) -> Iterator[str]:
    """The parts of a byline that name persons, divided at "và", "&" and "and".

    A text that is too long is one part.
    """
    if len(byline) > _LONGEST:
        yield byline
        return
    text = _PHOTOGRAPHER.sub("", _LABEL.sub("", byline)).strip(" ,;–-")
    for part in _AND.split(text):
        if part.strip():
            yield part


def bare_name(name: str) -> str | None:
    """The name alone; None for a source ("Theo …") and for a label that names nobody."""
    if len(name) > _LONGEST:
        return name
    for _ in range(2):  # a place and an address may follow the name
        name = _AFTER.sub("", name)
    name = _JOB.sub("", name).strip()
    return None if _NOBODY.fullmatch(name) else name
