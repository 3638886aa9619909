"""Which site files name the host of a URL, found from their first lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.sites.hosts import SiteHosts
from newscrawl.sites.loading import available_sites, load_site

PAPER = 'origin = "https://paper.example"\nhosts = ["www.paper.example"]\n'


def names(folder: Path, url: str) -> list[str]:
    return SiteHosts(folder).names(url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sites").mkdir()
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / "sites" / f"{name}.toml").write_text(text, "utf-8")


@pytest.mark.parametrize("name", sorted(available_sites()))
def test_site_is_found_by_each_of_its_hosts(name: str) -> None:
    site = load_site(name)
    hosts = SiteHosts(None)
    for host in site.hosts:
        assert name in hosts.names(f"https://{host}/a.html")
    assert hosts.names("https://elsewhere.example/") == []


@pytest.mark.parametrize(
    ("text", "url", "is_found"),
    [
        (PAPER, "https://paper.example/a", True),
        (PAPER, "http://WWW.paper.example:80/a", True),
        (PAPER, "https://paper.example:8443/a", False),
        (PAPER, "https://sub.paper.example/a", False),
        (PAPER, "ftp://paper.example/a", False),
        (PAPER, "https://[/a", False),
        (PAPER + '[[template]]\nname = "https://other.example"\n', "https://other.example/", False),
        ('title = """\n[a]\n"""\n' + PAPER, "https://paper.example/a", True),
        ('hosts = [\n"a.example",\n["x"],\n]\n' + PAPER, "https://b.example/", True),  # hosts twice
        ('origin = "\\u0068ttps://paper.example"', "https://paper.example/", True),
        ('extends = "base"\n', "https://base.example/", True),
        ('extends = "base"\n' + PAPER, "https://base.example/", False),
        ('extends = "base"\norigin = "https://paper.example"\n', "https://more.example/", True),
        ('extends = "nobody"\n' + PAPER, "https://elsewhere.example/", True),
        ('extends = "paper"\n', "https://elsewhere.example/", True),
        ("origin = 5\n", "https://elsewhere.example/", True),
        ('origin = "http://["\n', "https://elsewhere.example/", True),
        ("not TOML", "https://elsewhere.example/", True),
        ("", "https://elsewhere.example/", True),
    ],
)
def test_file_that_may_own_a_url_is_found(
    folder: Path, text: str, url: str, is_found: bool
) -> None:
    base = 'origin = "https://base.example"\nhosts = ["more.example"]\n'
    write(folder, "base", base)
    write(folder, "paper", text)
    assert ("paper" in names(folder, url)) is is_found


def test_file_that_cannot_be_read_may_own_any_url(folder: Path) -> None:
    (folder / "sites" / "lost.toml").symlink_to(folder / "nowhere.toml")
    assert names(folder, "https://elsewhere.example/") == ["lost"]


def test_changed_file_is_read_again(folder: Path) -> None:
    write(folder, "paper", PAPER)
    assert names(folder, "https://other.example/") == []
    write(folder, "paper", PAPER.replace("paper.example", "other.example"))
    assert names(folder, "https://other.example/") == ["paper"]
