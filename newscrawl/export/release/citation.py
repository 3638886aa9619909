"""Who made a dataset and what it is called, as CITATION.cff says it (Citation File Format 1.2.0)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from newscrawl.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Citation:
    """`authors` as given: `Family, Given` for a person, anything without a comma for an organisation or group."""

    title: str
    authors: tuple[str, ...]
    released: date
    license: str | None = None
    version: str = "1"

    def __post_init__(self) -> None:
        if (
            not self.title.strip()
            or not self.authors
            or not all(author.strip(" ,") for author in self.authors)
        ):
            raise UsageError(
                "a release needs a title and at least one author",
                'name them: --title "…" --author "Family, Given", or in newscrawl.toml under [release]',
            )


def citation_cff(citation: Citation, abstract: str) -> str:
    """The file, as YAML whose values are JSON strings, which YAML 1.2 reads as such."""
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
        family, comma, given = (part.strip() for part in author.partition(","))
        lines.append(
            f"  - family-names: {_quoted(family)}"
            if comma
            else f"  - name: {_quoted(author.strip())}"
        )
        if comma and given:
            lines.append(f"    given-names: {_quoted(given)}")
    if citation.license:
        lines.append(f"license: {_quoted(citation.license)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
