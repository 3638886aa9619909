"""What all pages share: the menu, labels and colours that everyone can read, and responses that are small."""

from __future__ import annotations

import gzip
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import axe_playwright_python
import datasette
import pytest
from playwright.sync_api import Browser, Page, ViewportSize

import newscrawl.web
from newscrawl.web.frame import MENU, ONE_QUERY, Entry
from newscrawl.web.responses import BadValue, Query
from tests.support.torture import FULL, some
from tests.support.web_site import DESKTOP, PHONE

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

NOW = datetime(2026, 9, 6, tzinfo=UTC)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
TEMPLATES = Path(newscrawl.web.__file__).parent / "templates"
DATASETTE_TEMPLATES = Path(datasette.__file__).parent / "templates"
LOOKS: dict[str, tuple[Literal["light", "dark"], ViewportSize]] = {
    "light desktop": ("light", DESKTOP),
    "dark phone": ("dark", PHONE),
    "dark desktop": ("dark", DESKTOP),
    "light phone": ("light", PHONE),
}
PAGES = (
    "/",
    "/search?q=tang",
    "/search?q=nosuchword",
    "/charts?q=tang&q2=giam",
    "/site/demo",
    "/tag/FDI",
    "/crawls",
    "/problems",
    "/links",
    "/export",
    "/api",
    "/changes",
    "/article/demo/235425",
    "/front/demo",
    "/article/demo/235425/replay",
    "/article/demo/432014/changes",
    "/article/demo/235425/links",
    "/health",
    "/questions",
    "/completeness/demo",
    "/newscrawl",
    "/newscrawl/articles",
    "/newscrawl/articles/5",
    "/newscrawl/most-linked?kind=",
    ONE_QUERY,
)
# Every page once; `make torture` looks at every page in every way.
SAMPLES = {"light desktop": PAGES[::2], "dark phone": PAGES[1::2]}


def violations(page: Page) -> list[str]:
    """What axe-core finds in the page as it is."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


@pytest.mark.parametrize("look", some(LOOKS, ["light desktop", "dark phone"]))
def test_everyone_can_read_every_page(browser: Browser, address: str, look: str) -> None:
    scheme, size = LOOKS[look]
    with browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        for path in PAGES if FULL else SAMPLES[look]:
            page.goto(f"{address}{path}")
            assert (path, violations(page)) == (path, [])


def test_all_pages_have_the_same_menu_and_their_own_title(browser: Browser, address: str) -> None:
    titles = set()
    with browser.new_context(viewport={"width": 320, "height": 600}) as context:
        page = context.new_page()
        for path in PAGES:
            page.goto(f"{address}{path}")
            titles.add(page.title())
            page.locator("summary", has_text="Menu").click()
            links = page.locator("nav[aria-label=Menu] a")
            assert links.all_inner_texts()[:3] == ["Articles", "Front pages", "Changes"]
            assert links.last.is_visible()
            current = page.locator("nav[aria-label=Menu] [aria-current]")
            assert current.count() == (path != "/"), path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            page.keyboard.press("Escape")
            assert links.last.is_hidden()
    assert len(titles) == len(PAGES)


def test_search_can_be_used_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    with browser.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        page.goto(f"{address}/crawls")
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("/")
        page.keyboard.type("tang")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=tang")
        for _ in range(120):  # the results come first
            page.keyboard.press("Tab")
            if page.locator(".facets a:focus").count():
                break
        narrowed = page.locator(":focus").get_attribute("href")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/search{narrowed}")


def test_scripts_of_datasette_run_and_no_others(browser: Browser, address: str) -> None:
    refused: list[str] = []
    with browser.new_context(viewport=DESKTOP) as context:
        page = context.new_page()
        page.on("console", lambda message: refused.append(message.text))
        page.goto(f"{address}/newscrawl/articles")
        page.locator("th .dropdown-menu-icon").first.click()
        assert page.get_by_role("link", name="Sort descending").is_visible()
        page.goto(f"{address}{ONE_QUERY}")
        assert page.locator(".CodeMirror").is_visible()
        assert refused == []
        for path in ("/crawls", "/newscrawl/articles"):
            page.goto(f"{address}{path}")
            page.evaluate(
                "() => { const script = document.createElement('script');"
                " script.textContent = 'window.ran = 1'; document.body.append(script); }"
            )
            assert page.evaluate("window.ran") is None
    assert len(refused) == 2


def test_prints_black_on_white_also_in_the_dark(browser: Browser, address: str) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(f"{address}/article/5")
        page.emulate_media(media="print")
        colours = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert page.locator("header.top").is_hidden()


ON_PAPER = """() => {
  const shown = (element) => element.getClientRects().length > 0;
  const texts = [...document.querySelectorAll("main *")].filter((element) => shown(element)
    && !element.closest("svg") && [...element.childNodes].some((node) => node.nodeType == 3 && node.data.trim()));
  const light = (element) => {
    const [red, green, blue] = getComputedStyle(element).color.match(/[0-9.]+/g).map(Number);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 120;
  };
  const folded = [...document.querySelectorAll("main details:not([open]) > :not(summary)")];
  return [
    getComputedStyle(document.body).backgroundColor,
    texts.filter(light).map((element) => element.outerHTML.slice(0, 80)),
    [...document.querySelectorAll("header.top, nav, form, button")].filter(shown).length,
    folded.filter((element) => getComputedStyle(element).display != "none"
      && !element.closest("form") && !shown(element)).length,
  ];
}"""


def test_every_page_fits_small_phones_and_paper_without_javascript(
    browser: Browser, address: str
) -> None:
    size = ViewportSize(width=320, height=640)
    with browser.new_context(
        viewport=size, java_script_enabled=False, color_scheme="dark", reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        for path in PAGES:
            page.emulate_media(media="screen")
            page.goto(f"{address}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            assert len(page.locator("main").inner_text()) > 50, path
            page.emulate_media(media="print")
            assert page.evaluate(ON_PAPER) == ["rgb(255, 255, 255)", [], 0, 0], path


def test_responses_are_compressed_and_not_sent_twice(address: str) -> None:
    request = urllib.request.Request(f"{address}/crawls", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        text = gzip.decompress(answer.read()).decode()
        tag = answer.headers["etag"]
    with urllib.request.urlopen(f"{address}/crawls", timeout=20) as answer:
        assert answer.read().decode() == text
        assert answer.headers["etag"] == tag
    again = urllib.request.Request(f"{address}/crawls", headers={"If-None-Match": tag})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(again, timeout=20)
    with error.value:
        assert (error.value.code, error.value.read()) == (304, b"")


def test_static_files_are_kept_by_browsers(address: str) -> None:
    with urllib.request.urlopen(address, timeout=20) as answer:
        sheet = re.search(r'href="(/-/static-plugins/[^"]+css[^"]+)"', answer.read().decode())
    assert sheet is not None
    with urllib.request.urlopen(f"{address}{sheet[1]}", timeout=20) as answer:
        assert "immutable" in answer.headers["cache-control"]


def test_replaced_templates_have_every_block_of_datasette() -> None:
    ours = {path.name for path in TEMPLATES.iterdir()}
    theirs = {path.name for path in DATASETTE_TEMPLATES.iterdir()}
    replaced = {"base.html", "_crumbs.html", "_codemirror_foot.html", "_close_open_menus.html"}
    replaced |= {"query.html", "table.html"}  # extend theirs
    assert ours & theirs == replaced
    block = re.compile(r"{%-? block (\w+)")
    expected = set(block.findall((DATASETTE_TEMPLATES / "base.html").read_text("utf-8")))
    frame = (TEMPLATES / "_frame.html").read_text("utf-8")
    found = set(block.findall(frame + (TEMPLATES / "base.html").read_text("utf-8")))
    assert expected - found == {"messages", "footer"}  # of logins, and of Datasette's licence


@pytest.mark.parametrize(
    ("path", "is_current"),
    [("/search", True), ("/article/5/changes", True), ("/search.csv", True), ("/searches", False)],
)
def test_a_page_belongs_to_one_entry_of_the_menu(path: str, is_current: bool) -> None:
    assert Entry("/search", "Articles", ("/article",)).is_current(path) is is_current


def test_a_question_is_the_entry_of_questions_and_not_of_tables() -> None:
    entries = [entry for group in MENU.values() for entry in group]
    for path in ("/newscrawl/most-linked", "/newscrawl/most-linked.json"):
        assert [entry.label for entry in entries if entry.is_current(path)] == ["Questions"]


def test_a_query_is_the_entry_of_sql_and_not_of_tables() -> None:
    entries = [entry for group in MENU.values() for entry in group]
    assert [each.label for each in entries if each.is_current("/newscrawl", True)] == ["SQL"]
    assert [each.label for each in entries if each.is_current("/newscrawl")] == ["Tables"]


@pytest.mark.parametrize("text", ["0", "-1", "1e3", "٣", "9" * 10])
def test_a_number_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(BadValue, match="limit: expected a number from 1 to 1,000"):
        Query(path="/x", parts={}, arguments={"limit": text}, now=NOW).number("limit", 30, 1000)


def test_reversed_days_are_an_error() -> None:
    query = Query(
        path="/x", parts={}, arguments={"since": "2026-09-10", "until": "2026-09-01"}, now=NOW
    )
    with pytest.raises(BadValue, match="since 2026-09-10 is after until 2026-09-01"):
        query.until()


def test_a_request_may_have_many_parameters(address: str) -> None:
    many = "&".join(f"p{number}=1" for number in range(200))
    with urllib.request.urlopen(f"{address}/crawls?{many}", timeout=20) as answer:
        assert answer.status == 200
