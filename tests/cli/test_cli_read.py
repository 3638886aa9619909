"""What status, problems, search, show and links print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from newscrawl.core.lock import archive_lock
from newscrawl.store.write.store import Store
from tests.support.archive_builder import build, newscrawl
from tests.support.store_cases import url


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("archive"))


def as_json(folder: Path, *arguments: str) -> Any:
    result = newscrawl(folder, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_search_prints_hits_and_their_number_on_stderr(folder: Path) -> None:
    result = newscrawl(folder, "search", "khoi", "cong")
    assert result.stdout.splitlines() == [
        "Đường sắt cao tốc khởi công",
        "  2026-09-01 10:00  paper/1  Kinh tế  https://paper.example/tin/1.html",
        "  Đường sắt cao tốc [khởi] [công] hôm qua. Dự án dài 1.541 km, đi qua 20 tỉnh thành.",
    ]
    assert result.stderr == "1 article found\n"


def test_search_as_json(folder: Path) -> None:
    (hit,) = as_json(folder, "search", "khởi công")["articles"]
    assert list(hit) == [
        "id", "site", "key", "url", "state", "title", "category", "published_at", "published_local",
        "snippet", "rank",
    ]  # fmt: skip
    assert hit["state"] == "stored"
    assert (hit["key"], hit["published_at"], hit["url"]) == ("1", "2026-09-01T03:00:00Z", url(1))
    assert "[khởi] [công]" in hit["snippet"]


def test_search_without_a_hit_is_no_error(folder: Path) -> None:
    result = newscrawl(folder, "search", "zzz")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "0 articles found\n"
    assert as_json(folder, "search", "zzz")["articles"] == []
    assert newscrawl(folder, "search", "🎉").exit_code == 2


def test_search_reports_hits_that_are_not_shown(folder: Path) -> None:
    assert (
        newscrawl(folder, "search", "duong sat", "--limit", "1").stderr
        == "3 articles found, 1 shown (--limit N or all, --offset)\n"
    )


def test_search_with_an_invalid_day_is_one_error(folder: Path) -> None:
    result = newscrawl(folder, "search", "x", "--since", "31/09/2026")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 2)


def test_show_prints_a_readable_article(folder: Path) -> None:
    result = newscrawl(folder, "show", "paper/1")
    assert result.stderr == ""
    assert result.stdout == (
        "Đường sắt cao tốc khởi công\n"
        "Article:   paper/1  #1\n"
        "Category:  Kinh tế\n"
        "Authors:   Văn A, Thị B\n"
        "Published: 2026-09-01 10:00:00+07:00 (2026-09-01T03:00:00Z)\n"
        "Tags:      đường sắt, hạ tầng\n"
        "URL:       https://paper.example/tin/1.html\n"
        "Read:      2026-09-01T06:00:00Z, revision 1\n"
        "\n"
        "Khởi công, sau nhiều năm chờ đợi\n"
        "\n"
        "Đường sắt cao tốc khởi công hôm qua.\n"
        "\n"
        "Dự án dài 1.541 km, đi qua 20 tỉnh thành.\n"
        "\n"
        "Links: 3 out (2 related, 1 same category), 1 in\n"
    )


def test_show_describes_a_stub(folder: Path) -> None:
    shown = newscrawl(folder, "show", "7").stdout
    assert "This article is a stub: it is known only from links and listings" in shown
    assert "Published: 2026-08-30 08:00:00+07:00 (2026-08-30T01:00:00Z)" in shown
    assert "Read:" not in shown


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("6", "Published: 2026-08-07 (no time of day)"),
        ("5", "Published: unknown"),
        ("5", "Problem: impossible (published): no such day"),
        ("4", "Published: unknown (the page prints '10:00 01/09/2026')"),
    ],
)
def test_show_explains_missing_times(folder: Path, key: str, message: str) -> None:
    assert message in newscrawl(folder, "show", key).stdout


def test_show_explains_each_field(folder: Path) -> None:
    lines = newscrawl(folder, "show", "paper/1", "--explain").stdout.splitlines()
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in lines if "\t" in line}
    assert rows["title"] == ["Đường sắt cao tốc khởi công", "h1.font-42"]
    assert rows["published"] == ["2026-09-01T10:00:00+07:00", "json-ld:datePublished"]
    assert lines[-3:] == [
        "paper/1: template 2026",
        "page: https://paper.example/tin/1.html, fetched 2026-09-01T06:00:00Z",
        "raw: a.warc.gz, 20 bytes at 10",
    ]


def test_show_explains_a_stub(folder: Path) -> None:
    shown = newscrawl(folder, "show", "7", "--explain").stdout
    assert "title\tChỉ là một lời dẫn\tlinks and listings\n" in shown
    assert "published\t2026-08-30T08:00:00+07:00\tteaser\n" in shown
    assert "no template: its page was not read" in shown


def test_show_as_json_is_complete(folder: Path) -> None:
    found = as_json(folder, "show", "paper/1")
    assert found["provenance"]["body"] == "div.lr-ct"
    assert found["authors"] == ["Văn A", "Thị B"]
    assert set(found) >= {
        "body",
        "links",
        "aliases",
        "revisions",
        "problems",
        "capture",
        "body_hash",
        "template",
    }


def test_links_show_both_ends(folder: Path) -> None:
    result = newscrawl(folder, "links", "paper/1")
    header, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert header == [
        "way",
        "depth",
        "kind",
        "position",
        "from",
        "from_time",
        "from_title",
        "to",
        "to_time",
        "to_title",
    ]
    assert rows[1] == [
        "out", "1", "related", "2", "paper/1", "2026-09-01 10:00", "Đường sắt cao tốc khởi công",
        "paper/7", "2026-08-30 08:00", "Chỉ là một lời dẫn (stub)",
    ]  # fmt: skip
    assert [row[0] for row in rows] == ["out", "out", "out", "in"]
    assert result.stderr == "4 links of paper/1\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--in"], {"in": 1}),
        (["--out"], {"out": 3}),
        (["--in", "--out"], {"out": 3, "in": 1}),
        (["--out", "--kind", "related"], {"out": 2}),
        (["--out", "--depth", "3"], {"out": 4}),
        (["--limit", "1"], {"out": 1, "in": 1}),
    ],
)
def test_links_as_json_and_their_options(
    folder: Path, options: list[str], expected: dict[str, int]
) -> None:
    found = as_json(folder, "links", "paper/1", *options)
    assert {way: len(found[way]) for way in ("out", "in") if way in found} == expected
    assert found["article"]["key"] == "1"


def test_cut_list_of_links_is_reported(folder: Path) -> None:
    assert (
        "only the first 2 of 4 links are shown (--limit N, or --limit all)"
        in newscrawl(folder, "links", "paper/1", "--limit", "1").stderr
    )
    assert "only" not in newscrawl(folder, "links", "paper/1").stderr


def test_status_prints_counts_crash_and_next_steps(folder: Path) -> None:
    lines = newscrawl(folder, "status").stdout.splitlines()
    rows = [line.split("\t") for line in lines if "\t" in line]
    paper = dict(zip(rows[0], rows[2], strict=True))
    assert (
        paper["stored"],
        paper["stubs"],
        paper["pending"],
        paper["last_failed"],
        paper["last_problems"],
    ) == (
        "5",
        "3",
        "1",
        "1",
        "2",
    )
    assert [line.partition(":")[0] for line in lines if "\t" not in line][1:] == [
        "warning",
        "next",
        "next",
        "next",
    ]
    assert "crawl 2 of other, started 2026-09-01T08:00:00Z, was killed" in "\n".join(lines)
    assert f"next: newscrawl --archive {folder} crawl paper (fetches 1 pending page)" in lines


def test_status_as_json(folder: Path) -> None:
    found = as_json(folder, "status")
    assert [(site["site"], site["states"]) for site in found["sites"]] == [
        ("other", {"stored": 1}),
        ("paper", {"stored": 5, "stub": 3}),
    ]
    assert (len(found["warnings"]), found["running"]) == (1, None)
    assert found["bytes"]["database"] > 0


def test_status_of_a_running_crawl_is_no_crash(tmp_path: Path) -> None:
    build(tmp_path)
    with archive_lock(tmp_path, "crawl"):
        found = as_json(tmp_path, "status")
    assert found["warnings"] == []
    assert found["running"].startswith("crawl, process ")


def test_status_of_an_empty_archive_suggests_a_crawl(tmp_path: Path) -> None:
    Store(tmp_path).close()
    result = newscrawl(tmp_path, "status")
    assert result.exit_code == 0
    assert "crawl SITE" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["problems"], ["search", "x"], ["show", "1"], ["links", "1"], ["export", "links"]],
)
def test_missing_archive_is_an_error_and_is_not_created(
    tmp_path: Path, arguments: list[str]
) -> None:
    result = newscrawl(tmp_path / "nowhere", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        f"hint: check the name; or: newscrawl --archive {tmp_path / 'nowhere'} crawl SITE\n"
        in result.stderr
    )
    assert list(tmp_path.iterdir()) == []


def test_problems_are_grouped_then_listed_with_escapes_shown(folder: Path) -> None:
    result = newscrawl(folder, "problems")
    assert "1\tpaper\tfetch\thttp_404\t2026-09-01T06:30:00Z" in result.stdout
    assert "31/02/2026 \\x1b]0;owned\\x07\\x1b[2J" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == "2 problems\n"


def test_unknown_code_is_answered_with_the_known_ones(folder: Path) -> None:
    result = newscrawl(folder, "problems", "--code", "nosuch")
    assert (result.exit_code, result.stderr) == (
        0, "0 problems\ncodes in the archive, with --all: http_404, impossible\n"
    )  # fmt: skip


def test_revisions_and_explanation_can_be_combined(folder: Path) -> None:
    both = newscrawl(folder, "show", "paper/1", "--revisions", "--explain").stdout
    assert both == "".join(
        newscrawl(folder, "show", "paper/1", one).stdout for one in ("--revisions", "--explain")
    )


def test_backup_into_a_missing_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    result = newscrawl(folder, "backup", str(tmp_path / "nosuch" / "b.db"))
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "in a folder that does not exist" in result.stderr


def test_month_is_refused_where_a_day_is_needed(folder: Path) -> None:
    result = newscrawl(folder, "front", "paper", "--on", "2026-09")
    assert result.stderr.startswith("error: --on '2026-09': expected one day, got 30 days\n")


def test_problems_as_json(folder: Path) -> None:
    found = as_json(folder, "problems", "--code", "impossible")
    assert (found["total"], [group["code"] for group in found["groups"]]) == (1, ["impossible"])
    assert found["problems"][0]["raw"].startswith("31/02/2026 \x1b")
    assert as_json(folder, "problems", "--limit", "0")["problems"] == []
    assert as_json(folder, "problems", "--site", "other")["total"] == 0


def test_raw_page_is_printed_alone(folder: Path) -> None:
    done = newscrawl(folder, "show", "paper/1", "--html", "--json")
    assert (done.exit_code, "--html prints nothing but the raw page" in done.stderr) == (
        2,
        True,
    )


@pytest.mark.parametrize("command", ["show", "links", "diff"])
def test_row_number_without_its_mark_gets_a_hint(folder: Path, command: str) -> None:
    assert newscrawl(folder, "show", "#9").stdout.splitlines()[1] == "Article:   other/1  #9"
    result = newscrawl(folder, command, "9")
    row = f"row 9 is other/1: newscrawl --archive {folder} {command} '#9'"
    assert (
        result.stderr
        == f"error: the archive has no article '9'\nhint: no site has that id, but {row}\n"
    )
    assert result.exit_code == 2
    assert "newscrawl search WORDS" in newscrawl(folder, command, "999").stderr
