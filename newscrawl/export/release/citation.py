"""The title and authors of a dataset, and CITATION.cff (Citation File Format 1.2.0)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from newscrawl.core.errors import UsageError

# SPDX identifiers that are usual for datasets.
USUAL_LICENSES = (
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-NC-ND-4.0",
    "ODbL-1.0",
    "ODC-By-1.0",
    "PDDL-1.0",
    "MIT",
    "Apache-2.0",
)
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Citation:
    """How to cite a dataset.

    An author is `Family, Given` for a person; a name without a comma is an organisation or a group.
    `license` is an identifier of the SPDX list, in any case; UsageError for any other.
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
        if self.license is not None:
            object.__setattr__(self, "license", spdx_license(self.license))

    @property
    def license_url(self) -> str | None:
        """The page of the license on the SPDX list; None if there is no license."""
        return f"https://spdx.org/licenses/{self.license}.html" if self.license else None


def spdx_license(text: str) -> str:
    """The identifier of the SPDX license list as it is written there.

    UsageError if it is not on the list. An expression of several licenses is refused too, because
    CITATION.cff has no place for one.
    """
    try:
        license_ = str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        license_ = ""
    if not license_ or " " in license_ or license_.startswith("LicenseRef-"):
        by_letters = {_letters(name): name for name in USUAL_LICENSES}
        close = get_close_matches(_letters(text), by_letters, n=1)
        likely = by_letters[close[0]] if close else USUAL_LICENSES[0]
        raise UsageError(
            f"the license {text[:LONGEST_SHOWN]!r} is not an identifier of the SPDX license list",
            f"write for example --license {likely}; all are listed at https://spdx.org/licenses",
        )
    return license_


def _letters(license_: str) -> str:
    """`CCBY` for `cc by` and `CC-BY-4.0`: a version is easily left out."""
    return "".join(filter(str.isalpha, license_.upper()))


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
