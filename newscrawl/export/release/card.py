"""The front matter of README.md, by which the Hugging Face Hub and `datasets` read a release."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from newscrawl.export.release.citation import Citation
from newscrawl.export.release.tables import TableFile

# The Hub's names of licenses; others are `other`, with their name and page.
LICENSES: Mapping[str, str] = {
    "CC0-1.0": "cc0-1.0",
    "CC-BY-4.0": "cc-by-4.0",
    "CC-BY-SA-4.0": "cc-by-sa-4.0",
    "CC-BY-NC-4.0": "cc-by-nc-4.0",
    "CC-BY-NC-SA-4.0": "cc-by-nc-sa-4.0",
    "CC-BY-ND-4.0": "cc-by-nd-4.0",
    "CC-BY-NC-ND-4.0": "cc-by-nc-nd-4.0",
    "ODbL-1.0": "odbl",
    "ODC-By-1.0": "odc-by",
    "PDDL-1.0": "pddl",
    "MIT": "mit",
    "Apache-2.0": "apache-2.0",
}
# The Hub's steps of the number of rows: each up to this many.
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
MOST = "100M<n<1B"
TAGS = ("news", "web-archive", "newscrawl")


def front_matter(
    citation: Citation, languages: Sequence[str], articles: int, tables: Mapping[str, TableFile]
) -> str:
    """The front matter in YAML, with its lines of `---`: each table is a configuration.

    Its values are JSON strings, which are valid in YAML.
    """
    lines = ["---", f"pretty_name: {_quoted(citation.title)}"]
    lines += _license_lines(citation)
    lines += _list("language", languages)
    lines += _list("tags", TAGS)
    lines += _list("size_categories", [_size(articles)])
    lines.append("configs:")
    for name, table in tables.items():
        lines += [f"- config_name: {name}", f"  data_files: {_quoted(table.path)}"]
        if name == "articles":
            lines.append("  default: true")
    return "\n".join([*lines, "---", "", ""])


def _license_lines(citation: Citation) -> list[str]:
    if citation.license is None:
        return []
    name = LICENSES.get(citation.license)
    if name is not None:
        return [f"license: {name}"]
    return [
        "license: other",
        f"license_name: {_quoted(citation.license.lower())}",
        f"license_link: {citation.license_url}",
    ]


def _list(key: str, values: Sequence[str]) -> list[str]:
    if not values:
        return []
    return [f"{key}:", *(f"- {_quoted(value)}" for value in values)]


def _size(articles: int) -> str:
    return next((name for most, name in SIZES if articles < most), MOST)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
