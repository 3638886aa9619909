"""sites list, show and check, and doctor."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.folder import DATABASE
from newscrawl.core.lock import archive_lock
from tests.cli.test_cli_extract import PAGE, SITE, URL
from tests.support.archive_builder import build, newscrawl


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "paper.toml").write_text(SITE, "utf-8")
    (tmp_path / "page.html").write_bytes(PAGE)
    return tmp_path


def as_json(folder: Path, *arguments: str) -> Any:
    result = newscrawl(folder, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_list_has_own_and_packaged_sites(folder: Path) -> None:
    rows = {row["site"]: row for row in as_json(folder, "sites", "list")}
    assert (rows["paper"]["domain"], rows["paper"]["categories"]) == ("paper.example", 1)
    assert rows["paper"]["file"] == str(folder / "sites" / "paper.toml")
    assert rows["bnews"]["file"] == "newscrawl"
    assert "paper\tA Paper\tpaper.example\t1\t" in newscrawl(folder, "sites", "list").stdout


def test_list_says_when_each_part_was_seen(folder: Path) -> None:
    rows = {row["site"]: row for row in as_json(folder, "sites", "list")}

    def parts(site: str) -> tuple[str, str, str]:
        return rows[site]["article"], rows[site]["category_pages"], rows[site]["home"]

    assert parts("vnexpress") == ("2012-12, 2025-10, 2026-03", "2026-03", "2012-12")
    assert parts("kenh14") == ("not seen", "not seen", "2022-08")
    assert parts("ione") == ("not seen", "not seen", "not seen")
    assert parts("paper") == ("seen", "seen", "not seen")
    printed = newscrawl(folder, "sites", "list").stdout
    assert "\tarticle\tcategory pages\thome\t" in printed


def test_list_names_an_invalid_file(folder: Path) -> None:
    (folder / "sites" / "bad.toml").write_text("nonsense = 1", "utf-8")
    rows = {row["site"]: row for row in as_json(folder, "sites", "list")}
    assert "sites check bad" in rows["bad"]["note"]
    assert rows["paper"]["note"] == ""


def test_show_has_facts_and_categories(folder: Path) -> None:
    found = as_json(folder, "sites", "show", "paper")
    assert as_json(folder, "sites", "show", "vnexpress")["home"] == "https://vnexpress.net/"
    assert found["home"] is None
    assert (found["timezone"], found["templates"]) == ("Asia/Ho_Chi_Minh", ["plain"])
    assert found["categories"] == [
        {"key": "kinh-te", "slug": "kinh-te", "name": None, "url": "https://paper.example/kinh-te"}
    ]
    assert "timezone:      Asia/Ho_Chi_Minh" in newscrawl(folder, "sites", "show", "paper").stdout


@pytest.mark.parametrize("command", ["show", "check"])
def test_unknown_site_is_code_2(folder: Path, command: str) -> None:
    result = newscrawl(folder, "sites", command, "papre")
    assert result.exit_code == 2
    assert "did you mean paper?" in result.stderr


def test_check_of_a_right_file(folder: Path) -> None:
    assert (
        newscrawl(folder, "sites", "check", "paper").stdout
        == "paper: ok (categories: 1, article templates: 1)\n"
    )
    assert as_json(folder, "sites", "check", str(folder / "sites" / "paper.toml")) == {
        "site": "paper",
        "ok": True,
        "fixtures": [],
    }


def test_check_tells_every_mistake(folder: Path) -> None:
    wrong = SITE.replace('"Asia/Ho_Chi_Minh"', '"Mars"').replace(
        'language = "vi"', 'language = "vi"\ncolour = 3'
    )
    (folder / "sites" / "paper.toml").write_text(wrong, "utf-8")
    result = newscrawl(folder, "sites", "check", "paper")
    assert (result.exit_code, result.stdout) == (2, "")
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2
    assert all(str(folder / "sites" / "paper.toml") in line for line in errors)


def test_check_with_a_page_names_the_selectors(folder: Path) -> None:
    arguments = ("sites", "check", "paper", "--page", str(folder / "page.html"), "--url", URL)
    result = newscrawl(folder, *arguments)
    assert "published_at:    2026-09-03T01:15:00Z" in result.stdout
    assert "title\tMột tiêu đề\th1\tmeta:og:title: Another title" in result.stdout
    found = as_json(folder, *arguments)
    fields = {field["field"]: field for field in found["fields"]}
    assert (found["key"], fields["title"]["where"], fields["published"]["where"]) == (
        "12",
        "h1",
        "time",
    )


def test_check_with_a_category_page_lists_its_entries(folder: Path) -> None:
    page = "<ul><li><a href='/tin/1.html'>Một</a></li><li><a href='/tin/2.html'>Hai</a></li></ul>"
    (folder / "list.html").write_text(page, "utf-8")
    arguments = (
        "sites",
        "check",
        "paper",
        "--page",
        str(folder / "list.html"),
        "--url",
        "https://paper.example/kinh-te",
    )
    assert (
        "2\tlist\t2\tHai\t\thttps://paper.example/tin/2.html"
        in newscrawl(folder, *arguments).stdout
    )
    assert [entry["teaser"]["key"] for entry in as_json(folder, *arguments)["entries"]] == [
        "1",
        "2",
    ]


def test_check_of_a_page_that_is_no_article_fails(folder: Path) -> None:
    (folder / "page.html").write_text("<html><body>404</body></html>", "utf-8")
    result = newscrawl(
        folder, "sites", "check", "paper", "--page", str(folder / "page.html"), "--url", URL
    )
    assert result.exit_code != 0
    assert result.stderr.startswith("error: ")


def test_page_and_url_belong_together(folder: Path) -> None:
    assert newscrawl(folder, "sites", "check", "paper", "--url", URL).exit_code == 2


def test_doctor_finds_everything_in_order_without_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path)
    (tmp_path / "newscrawl.toml").write_text('contact = "me@example.org"', "utf-8")
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr(socket, "getaddrinfo", None)
    checks = {check["name"]: check for check in as_json(tmp_path, "doctor")}
    assert {check["result"] for name, check in checks.items() if name != "disk"} == {"ok"}
    assert {
        "newscrawl",
        "scrapy",
        "SQLite FTS5",
        "folder",
        "disk",
        "database",
        "lock",
        "robots.txt",
        "contact",
    } <= set(checks)
    assert "9 articles and stubs" in checks["database"]["detail"]


def test_doctor_makes_nothing(tmp_path: Path) -> None:
    result = newscrawl(tmp_path / "nowhere", "doctor")
    assert result.exit_code == 0
    assert "does not exist yet" in result.stdout
    assert "contact\twarn\t" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_doctor_tells_the_lock_and_masks_a_proxys_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.example:3128")
    with archive_lock(tmp_path, "crawl"):
        result = newscrawl(tmp_path, "doctor")
    assert "lock\twarn\theld by crawl, process" in result.stdout
    assert "https_proxy=proxy.example:3128" in result.stdout
    assert "secret" not in result.stdout


@pytest.mark.parametrize(
    ("broken", "code", "hint"), [("database", 5, "rebuild"), ("settings", 4, "keys are: sites")]
)
def test_doctor_fails_where_a_crawl_would(
    tmp_path: Path, broken: str, code: int, hint: str
) -> None:
    if broken == "database":
        (tmp_path / DATABASE).write_bytes(
            b"no database at all, but long enough to be read as one" * 100
        )
    else:
        (tmp_path / "newscrawl.toml").write_text("nonsense = 1", "utf-8")
    result = newscrawl(tmp_path, "doctor")
    assert result.exit_code == code
    assert f"{broken}\tfail\t" in result.stdout
    assert result.stderr.startswith("hint: ")
    assert hint in result.stderr
    assert {
        frozenset(check) for check in json.loads(newscrawl(tmp_path, "doctor", "--json").stdout)
    } == {frozenset({"name", "result", "detail"})}
