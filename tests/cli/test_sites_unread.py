"""`newscrawl sites unread`: old designs by month, with a specimen of each."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.archive_builder import newscrawl
from tests.support.foreign_archives import Stored, archive, front, story, write


def old_story(key: int, design: str) -> bytes:
    """The page of an article as it was designed once. Each article has a box of its own."""
    return (
        f'<html><body class="{design}"><div class="{design}-head menu"><div class="page-{key}000">'
        f'</div></div><div class="{design}-text"><h1 class="{design}-title">Story {key}</h1>'
        f'<p class="p{key}">It is open.</p></div><ul class="tags"></ul></body></html>'
    ).encode()


def page(at: str, path: str, body: bytes) -> Stored:
    return Stored(url=f"https://paper.example{path}", at=f"{at}T00:00:00Z", body=body)


def test_unread_pages_are_counted_by_design_and_month(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    pages = [
        page("2019-01-01", "/x/1.html", old_story(1, "blue")),
        page("2019-01-02", "/x/2.html", old_story(2, "blue")),
        page("2019-02-01", "/x/3.html", old_story(3, "blue")),
        page("2019-02-02", "/x/4.html", old_story(4, "red")),
        page("2019-03-01", "/x/5.html", story(5)),
        page("2019-03-02", "/news/", old_story(6, "blue")),
        page("2019-03-03", "/news/", front(1)),
    ]
    assert newscrawl(folder, "import", str(write(tmp_path, "x.warc.gz", pages))).exit_code == 0
    done = newscrawl(folder, "sites", "unread", "paper", "--json", "--save", str(tmp_path / "out"))
    assert done.exit_code == 0, done.stderr
    names = ("design", "kind", "month", "pages", "marker", "specimen")
    assert [tuple(row[name] for name in names) for row in json.loads(done.stdout)] == [
        (1, "article", "2019-01", 2, "body.blue", "https://paper.example/x/1.html"),
        (1, "article", "2019-02", 1, "body.blue", "https://paper.example/x/3.html"),
        (2, "article", "2019-02", 1, "body.red", "https://paper.example/x/4.html"),
        (1, "listing", "2019-03", 1, "body.blue", "https://paper.example/news/"),
    ]
    assert "5 pages of 3 designs that no template fits" in done.stderr
    table = newscrawl(folder, "sites", "unread", "paper").stdout.splitlines()
    assert [line.split() for line in table if "body." in line] == [
        ["1", "article", "3", "2019-01", "2019-02", "body.blue"],
        ["2", "article", "1", "2019-02", "2019-02", "body.red"],
        ["1", "listing", "1", "2019-03", "2019-03", "body.blue"],
    ]
    saved = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert saved["article-2-2019-02.html"] == old_story(4, "red")
    assert sorted(saved) == [
        "article-1-2019-01.html", "article-2-2019-02.html", "listing-1-2019-03.html",
    ]  # fmt: skip


def test_a_site_whose_pages_are_all_read_has_none(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    path = write(tmp_path, "x.warc.gz", [page("2019-03-01", "/x/5.html", story(5))])
    newscrawl(folder, "import", str(path))
    done = newscrawl(folder, "sites", "unread", "paper", "--json")
    assert (json.loads(done.stdout), done.stderr) == (
        [],
        "no stored page of paper was refused for its design\n",
    )


def test_a_site_without_pages_is_not_said_to_be_read(tmp_path: Path) -> None:
    folder = archive(tmp_path / "data")
    path = write(tmp_path, "x.warc.gz", [page("2019-03-01", "/x/5.html", story(5))])
    newscrawl(folder, "import", str(path))
    done = newscrawl(folder, "sites", "unread", "bnews")
    assert (done.stdout, done.stderr) == ("", "no raw pages of bnews are stored\n")
