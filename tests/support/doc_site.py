"""The pages of the documentation site: `make site` runs this, and then the site generator.

docs/ and the pages beside it are written for the checkout, where a forge and the tests follow their
links. The site gets copies of them, whose links lead to places within the site. It holds no source
code: a link to a module or a test keeps its text and loses its target.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

# A page outside docs/ -> its name in the site.
OUTSIDE: Mapping[str, str] = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "bench/README.md": "measurements.md",
    "data/README.md": "archive-folder.md",
}

CODE_OR_LINK = re.compile(
    r"^```.*?^```$"
    r"|`[^`\n]+`(?!\])"
    r"|(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)",
    re.MULTILINE | re.DOTALL,
)


def write_pages(root: Path, folder: Path) -> None:
    """Makes `folder` anew from the checkout `root`: docs/ as it is, all pages with links of the site."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root / "docs", folder)
    inside = [path.relative_to(root).as_posix() for path in sorted((root / "docs").rglob("*.md"))]
    for source in [*inside, *OUTSIDE]:
        name = site_name(source)
        assert name is not None
        text = (root / source).read_text("utf-8")
        (folder / name).write_text(with_site_links(text, source), "utf-8")


def with_site_links(text: str, source: str) -> str:
    """The text of the page `source`, a path in the checkout, with the links of the site."""

    def in_site(match: re.Match[str]) -> str:
        target = match["target"]
        if target is None or "://" in target or target.startswith("#"):
            return match[0]
        path, _, anchor = target.partition("#")
        name = site_name(posixpath.normpath(posixpath.join(posixpath.dirname(source), path)))
        if name is None:
            return match["text"]
        folder = posixpath.dirname(site_name(source) or "")
        link = posixpath.relpath(name, folder or ".")
        if anchor:
            link = f"{link}#{anchor}"
        return f"{match['image']}[{match['text']}]({link})"

    return CODE_OR_LINK.sub(in_site, text)


def site_name(path: str) -> str | None:
    """Where a file of the checkout is in the site; None where the site does not hold it."""
    if path in OUTSIDE:
        return OUTSIDE[path]
    return path.removeprefix("docs/") if path.startswith("docs/") else None


if __name__ == "__main__":
    write_pages(Path(), Path(sys.argv[1]))
