"""Many papers, a third of which fail; the run is killed, and the next one completes the others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from newscrawl.demo.server import DemoServer
from tests.support.crawling import newscrawl as run
from tests.support.crawling import query, start
from tests.support.failing_papers import FailingPapers, write_site

PAPERS = [f"paper{number}" for number in range(12)]
FAILING = dict(zip(PAPERS[::3], ("error", "reset", "wall", "truncated"), strict=True))
HEALTHY = [name for name in PAPERS if name not in FAILING]
WHAT = ("--category", "33", "--max-pages", "1")
ONCE = ("--set", "RETRY_TIMES=0", "--set", "NEWSCRAWL_RETRY_PAUSE=0", "--sites-at-once", "5")


def articles(archive: Path, site: str) -> list[tuple[Any, ...]]:
    return query(
        archive,
        "SELECT key, state, title, body, published_at FROM articles"
        f" JOIN bodies ON article_id = articles.id WHERE site = '{site}' ORDER BY key",
    )


def test_healthy_papers_are_complete_and_each_failing_one_is_reported_once(tmp_path: Path) -> None:
    with DemoServer() as server:
        alone = ("crawl", "demo", "--base-url", server.base_url)
        assert run(*alone, *WHAT, archive=tmp_path / "alone").returncode == 0
    expected = articles(tmp_path / "alone", "demo")
    assert len(expected) > 5
    archive = tmp_path / "many"
    archive.mkdir()
    for name in PAPERS:
        write_site(archive, name)
    with FailingPapers({f"{name}.example": fault for name, fault in FAILING.items()}) as papers:
        env = {"http_proxy": papers.address}
        killed = start("crawl", *PAPERS, *WHAT, *ONCE, archive=archive, env=env)
        papers.wait_for(requests=30)
        killed.kill()
        killed.communicate()
        done = run("crawl", *PAPERS, *WHAT, *ONCE, "--quiet", archive=archive, env=env)
    assert done.returncode == 3
    for name in HEALTHY:
        assert articles(archive, name) == expected
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert Counter(line.split()[1] for line in errors) == {f"{name}:": 1 for name in FAILING}
    assert query(
        archive, "SELECT count(*) FROM crawls WHERE exit_code IS NULL AND reason <> 'killed'"
    ) == [(0,)]
