"""Writes the screenshots of docs/images from the demo's archive: `python -m tests.support.web_screenshots`.

Each page on a desktop and on a phone, and on a desktop in dark mode, as WebP of at most 80 kB.
"""

from __future__ import annotations

import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, Page, ViewportSize, sync_playwright

from newscrawl.web.frame import ONE_QUERY
from tests.support.crawling import newscrawl
from tests.support.web_site import ARGUMENTS, DESKTOP, PHONE, key_of, served

IMAGES = Path(__file__).parents[2] / "docs" / "images"
QUALITY = 75
MOST_BYTES = 80_000
LOOKS: dict[str, tuple[ViewportSize, Literal["light", "dark"]]] = {
    "desktop": (DESKTOP, "light"),
    "phone": (PHONE, "light"),
    "dark": (DESKTOP, "dark"),
}


def write(folder: Path) -> None:
    """Saves the top of every page in every look, in place of the images of an earlier run."""
    newscrawl("demo", archive=folder)
    newscrawl("dupes", "--update", archive=folder)
    article, _ = key_of(folder, "key = '235425'")
    changed, _ = key_of(folder, "key = '432014'")
    paths = {
        "home": "/",
        "search": "/search?q=tang",
        "site": "/site/demo",
        "author": "/author/Mai%20Thanh%20Ng%C3%A0",
        "article": f"/article/{article}",
        "replay": f"/article/{article}/replay",
        "front": "/front/demo?category=4",
        "charts": "/charts?q=tang&q2=giam&q3=xuat+khau",
        "graph": f"/article/{article}/links",
        "diff": f"/article/{changed}/changes",
        "changes": "/changes",
        "completeness": "/completeness/demo",
        "duplicates": "/duplicates?similarity=0.8",
        "health": "/health",
        "problems": "/problems",
        "tables": "/newscrawl/articles",
        "sql": ONE_QUERY,
    }
    IMAGES.mkdir(exist_ok=True)
    for old in IMAGES.glob("*-*.*"):
        old.unlink()
    with served(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for look, (size, scheme) in LOOKS.items():
            with browser.new_context(viewport=size, color_scheme=scheme) as context:
                page = context.new_page()
                for name, path in paths.items():
                    page.goto(f"{address}{path}")
                    image = _image(context, page)
                    assert len(image) <= MOST_BYTES, (name, look, len(image))
                    (IMAGES / f"{name}-{look}.webp").write_bytes(image)
        browser.close()


def _image(context: BrowserContext, page: Page) -> bytes:
    session = context.new_cdp_session(page)
    answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    session.detach()
    return b64decode(answer["data"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
