"""How to cite an article as the archive has it: APA, BibTeX, RIS and CSL-JSON.

A value that the page does not have is left out: nothing is guessed. Every form has the address of
the original page, and the revision in this archive (`demo/235425@2`), which never changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# What BibTeX reads as a command or a group.
BIBTEX_SIGNS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a citation names. `day` is as exact as the page is: `2026-09-01`, `2026-09` or None.

    `accessed` is the day (UTC) on which the archive fetched the revision. `address` is that of the
    revision in the archive, None if the archive is served to this machine only.
    """

    name: str
    title: str | None
    authors: Sequence[str]
    publisher: str
    day: str | None
    url: str
    language: str | None
    accessed: str | None
    address: str | None = None

    @property
    def archived(self) -> str:
        """`demo/7@2`, with the address where others can read it, if there is one."""
        return f"{self.name}, {self.address}" if self.address else self.name


def source_of(article: Mapping[str, Any], publisher: str, address: str | None) -> Source:
    """What to cite of an article, or of one of its revisions."""
    published = article["published_local"]
    fetched = article["fetched_at"]
    return Source(
        name=f"{article['site']}/{article['key']}@{article['revision']}",
        title=_line(article["title"]) if article["title"] else None,
        authors=[_line(author) for author in article["authors"]],
        publisher=_line(publisher),
        day=published[:10] if published else None,
        url=_line(article["url"]),
        language=article["language"],
        accessed=fetched[:10] if fetched else None,
        address=address,
    )


def apa(source: Source) -> str:
    """One line in the style of APA, seventh edition. Names stay in the order of the page."""
    title = source.title or "[Without a headline]"
    authors = ", ".join(source.authors)
    day = f"({_written(source.day)})"
    begin = f"{authors}. {day}. {title}." if authors else f"{title}. {day}."
    archived = f"[Archived as {source.name}"
    if source.accessed:
        archived += f", retrieved {_written(source.accessed)}"
    if source.address:
        archived += f": {source.address}"
    return f"{begin} {source.publisher}. {source.url} {archived}]"


def bibtex(source: Source) -> str:
    """An entry of BibLaTeX; BibTeX ignores the fields that it does not know."""
    fields = {
        "title": f"{{{_signs(source.title)}}}" if source.title else None,
        # Braces keep a name in the order in which the page has it.
        "author": " and ".join(f"{{{_signs(author)}}}" for author in source.authors),
        "journal": _signs(source.publisher),
        "year": source.day[:4] if source.day else None,
        "date": source.day,
        "url": source.url.replace("{", "%7B").replace("}", "%7D"),
        "urldate": source.accessed,
        "note": _signs(f"Archived as {source.archived}"),
    }
    key = re.sub(r"[^A-Za-z0-9]+", "-", source.name).strip("-")
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@article{{{key},\n" + ",\n".join(lines) + "\n}\n"


def ris(source: Source) -> str:
    """A record of RIS, as Zotero and EndNote import it."""
    lines = ["TY  - NEWS"]
    if source.title:
        lines.append(f"TI  - {source.title}")
    lines += [f"AU  - {author}" for author in source.authors]
    lines.append(f"T2  - {source.publisher}")
    if source.day:
        lines.append(f"PY  - {source.day[:4]}")
        lines.append(f"DA  - {source.day.replace('-', '/')}")
    lines.append(f"UR  - {source.url}")
    if source.accessed:
        lines.append(f"Y2  - {source.accessed.replace('-', '/')}")
    if source.language:
        lines.append(f"LA  - {source.language}")
    lines += [f"N1  - Archived as {source.archived}", "ER  - "]
    return "\r\n".join(lines) + "\r\n"


def csl_json(source: Source) -> str:
    """A list with one item of CSL-JSON, as Zotero and Pandoc read it."""
    item: dict[str, Any] = {
        "id": source.name,
        "type": "article-newspaper",
        "title": source.title,
        "author": [{"literal": author} for author in source.authors],
        "container-title": source.publisher,
        "issued": _parts(source.day),
        "accessed": _parts(source.accessed),
        "URL": source.url,
        "language": source.language,
        "archive": "newscrawl",
        "archive_location": source.name,
        "note": f"Archived at {source.address}" if source.address else None,
    }
    known = {name: value for name, value in item.items() if value}
    return json.dumps([known], ensure_ascii=False, indent=2) + "\n"


# Ending of the file -> (name, media type, writer).
FORMATS: Mapping[str, tuple[str, str, Callable[[Source], str]]] = {
    "bib": ("BibTeX", "application/x-bibtex; charset=utf-8", bibtex),
    "ris": ("RIS", "application/x-research-info-systems; charset=utf-8", ris),
    "csl.json": ("CSL-JSON", "application/vnd.citationstyles.csl+json; charset=utf-8", csl_json),
}


def _line(text: str) -> str:
    """A text in one line: a line break would begin another field."""
    return " ".join(text.split())


def _signs(text: str) -> str:
    return "".join(BIBTEX_SIGNS.get(sign, sign) for sign in text)


def _written(day: str | None) -> str:
    """`2026-09-01` -> `2026, September 1`; `n.d.` where no day is known."""
    if not day:
        return "n.d."
    year, *rest = day.split("-")
    if not rest:
        return year
    words = f"{year}, {MONTHS[int(rest[0]) - 1]}"
    return f"{words} {int(rest[1])}" if len(rest) > 1 else words


def _parts(day: str | None) -> dict[str, list[list[int]]] | None:
    if not day:
        return None
    return {"date-parts": [[int(part) for part in day.split("-")]]}
