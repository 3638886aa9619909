"""Pages in a real browser: two revisions and the link graph by keyboard and without JavaScript, charts on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.web_site import PHONE, key_of

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

FOCUSED = "document.activeElement.id"


def test_keys_and_links_go_from_change_to_change(
    browser: Browser, archive: Path, address: str
) -> None:
    article, _ = key_of(archive, "key = '432014'")
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{address}/article/{article}/changes")
        visited = []
        for key in ("n", "n", "n", "n", "p"):
            page.keyboard.press(key)
            visited.append(page.evaluate(FOCUSED))
        assert visited == ["c1", "c2", "c3", "c3", "c2"]
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**#c3")
        page.keyboard.press("p")
        assert page.evaluate(FOCUSED) == "c2"
        page.get_by_label("View").select_option("inline")
        with page.expect_navigation(wait_until="load"):
            page.get_by_role("button", name="Compare").click()
        assert page.locator(".diff.inline .changed").count() == 3
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_unchanged_paragraphs_open_without_javascript(
    browser: Browser, archive: Path, address: str
) -> None:
    article, _ = key_of(archive, "key = '432014'")
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/article/{article}/changes")
        hidden = page.locator("details.same .row").last
        assert hidden.is_hidden()
        page.locator("details.same summary").last.click()
        assert hidden.is_visible()
        page.get_by_role("link", name="First of 3 changes").click()
        assert page.url.endswith("#c1")
        assert page.locator(".script-only").is_hidden()


def test_the_graph_zooms_and_a_drag_is_no_click(
    browser: Browser, archive: Path, address: str
) -> None:
    article, _ = key_of(archive, "id IN (SELECT source_id FROM links WHERE kind = 'related')")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/article/{article}/links")
        graph = page.locator("svg.graph.wide")
        whole = graph.get_attribute("viewBox")
        page.get_by_role("button", name="Zoom in").first.click()
        zoomed = graph.get_attribute("viewBox")
        assert zoomed != whole
        box = graph.bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] - 60, middle[1] - 20, steps=3)
        page.mouse.up()
        assert graph.get_attribute("viewBox") not in (whole, zoomed)
        assert page.url.endswith("/links")
        graph.locator("a").first.focus()
        page.keyboard.press("0")
        numbers = (graph.get_attribute("viewBox") or "").split()
        assert [float(each) for each in numbers] == [float(each) for each in (whole or "").split()]


@pytest.mark.parametrize("path", ["/charts?q=cà phê", "/search?q=cà phê"])
def test_a_chart_on_a_phone_begins_with_the_newest_period(
    browser: Browser, address: str, path: str
) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{address}{path}")
        chart = page.locator(".scroll.late").first
        assert chart.evaluate("each => each.scrollWidth > each.clientWidth")
        bars = chart.locator("rect:not(.hit)")
        newest = bars.last.bounding_box()
        assert newest
        assert newest["x"] + newest["width"] <= PHONE["width"]
