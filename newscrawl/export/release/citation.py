"""The title and authors of a dataset, and CITATION.cff (Citation File Format 1.2.0)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from newscrawl.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Citation:
    """How to cite a dataset.

    An author is `Family, Given` for a person; a name without a comma is an organisation or a group.
    """

    title: str
    authors: tuple[str, ...]
    released: date
    license: str | None = None
    version: str = "1"

    def __post_init__(self) -> None:
        has_authors = self.authors and all(author.strip(" ,") for author in self.authors)
        if not self.title.strip() or not has_authors:
            raise UsageError(
                "a release needs a title and at least one author",
                'give them: --title "…" --author "Family, Given", or in newscrawl.toml under'
                " [release]",
            )


def citation_cff(citation: Citation, abstract: str) -> str:
    """The file as YAML. Its values are JSON strings, which are valid in YAML 1.2."""
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use this dataset, please cite it as below."',
        "type: dataset",
        f"title: {_quoted(citation.title)}",
        f"version: {_quoted(citation.version)}",
        f"date-released: {citation.released.isoformat()}",
        f"abstract: {_quoted(abstract)}",
        "authors:",
    ]
    for author in citation.authors:
        lines += _author_lines(author)
    if citation.license:
        lines.append(f"license: {_quoted(citation.license)}")
    return "\n".join(lines) + "\n"


def _author_lines(author: str) -> list[str]:
    family, comma, given = (part.strip() for part in author.partition(","))
    if not comma:
        return [f"  - name: {_quoted(author.strip())}"]
    lines = [f"  - family-names: {_quoted(family)}"]
    if given:
        lines.append(f"    given-names: {_quoted(given)}")
    return lines


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
