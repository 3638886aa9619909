"""What the crawls of many sites have in common is in memory once, and no site changes it for others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import BaseSettings

from newscrawl.core.errors import SiteFileError
from newscrawl.crawl.run import crawl_settings
from newscrawl.crawl.shared_settings import SharedSettings
from newscrawl.crawl.tls import VerifyingPolicy, legacy_policy, usual_policy
from newscrawl.sites.loading import load_site

HEAD = 'title = "T"\ndomain = "{0}.example"\norigin = "https://{0}.example"\n'


@pytest.mark.parametrize("shares_tables", [False, True])
def test_settings_of_a_site_do_not_change_those_of_others(shares_tables: bool) -> None:
    shared = SharedSettings({"DOWNLOAD_DELAY": 1.0, "FEEDS": {"a": {"format": "csv"}}})
    shared.set("NAMES", ["a"])
    shared.set("DOWNLOAD_HANDLERS", {"http": "usual"})
    if shares_tables:
        shared.share_tables()
    first, second = shared.copy(), shared.copy()
    first.set("DOWNLOAD_DELAY", 9.0, priority="spider")
    first.set("NEW", 1)
    first["DOWNLOAD_HANDLERS"].update({"http": "another", "https": "another"})
    first["FEEDS"]["a"]["format"] = "json"
    first["NAMES"].append("b")
    first.freeze()
    for other in (shared, second):
        assert (other["DOWNLOAD_DELAY"], other.getpriority("DOWNLOAD_DELAY")) == (1.0, 20)
        assert "NEW" not in other
        assert dict(other["DOWNLOAD_HANDLERS"]) == {"http": "usual"}
        assert other["FEEDS"]["a"] == {"format": "csv"}
        assert other["NAMES"] == ["a"]
        assert not other.frozen
    assert (first["DOWNLOAD_DELAY"], first.getpriority("DOWNLOAD_DELAY")) == (9.0, 30)
    second.set("DOWNLOAD_DELAY", 2.0, priority="default")  # a lower priority
    assert second["DOWNLOAD_DELAY"] == 1.0
    with pytest.raises(TypeError):
        first.set("DOWNLOAD_DELAY", 3.0)


def test_copies_of_settings_share_what_is_in_tables(tmp_path: Path) -> None:
    settings = crawl_settings(tmp_path, (), {})
    one, other = settings.copy(), settings.copy()
    one.update(settings)  # as Scrapy does at the beginning of a crawl
    tables = [name for name, value in settings.items() if isinstance(value, BaseSettings)]
    assert "DOWNLOADER_MIDDLEWARES" in tables
    for name in tables:
        for key, attribute in one[name].attributes.items():
            assert attribute is other[name].attributes[key]


def test_sites_share_the_designs_that_they_inherit_or_copy(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    for name in ("one", "two"):
        text = f'name = "{name}"\nextends = "bnews"\n{HEAD.format(name)}'
        (tmp_path / "sites" / f"{name}.toml").write_text(text, "utf-8")
    one, two, bnews = (load_site(name, tmp_path).model for name in ("one", "two", "bnews"))
    assert one.template[0] is two.template[0] is bnews.template[0]
    assert one.listing[0] is two.listing[0] is bnews.listing[0]
    change = '[[template]]\nname = "2026"\nfields = { title = "h9" }\n'
    path = tmp_path / "sites" / "two.toml"
    path.write_text(path.read_text("utf-8") + change, "utf-8")
    changed = load_site("two", tmp_path).model
    assert changed.template[0].fields["title"].select == ("h9",)
    assert one.template[0].fields["title"].select != ("h9",)
    path.write_text(path.read_text("utf-8").replace("h9", "h9["), "utf-8")
    with pytest.raises(SiteFileError, match=r"template\.\d+\.fields\.title\.select"):
        load_site("two", tmp_path)


@pytest.mark.parametrize("policy", [lambda: usual_policy("DEFAULT"), legacy_policy])
def test_tls_connections_of_all_sites_share_one_context(
    policy: Callable[[], VerifyingPolicy],
) -> None:
    contexts = set()
    for host in (b"one.example", b"two.example"):
        creator: Any = policy().creatorForNetloc(host, 443)
        contexts.add(creator._createConnection.__self__.getContext())
        assert creator._hostname == host.decode()
    assert len(contexts) == 1
