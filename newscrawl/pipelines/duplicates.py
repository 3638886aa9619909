"""The third pipeline: which article a page is, whatever address led to it."""

from __future__ import annotations

from newscrawl.extract.read import with_asked_url
from newscrawl.extract.refine import identify
from newscrawl.items import ArticleItem, Item
from newscrawl.pipelines import SessionComponent


class DuplicatePipeline(SessionComponent):
    """Effect: identity is (site, key); other slugs, redirects and canonical addresses become aliases.

    A body that is stored under another key is found by its hash when the store writes the page.
    """

    def process_item(self, item: Item) -> Item:
        """The item with its article."""
        if isinstance(item, ArticleItem):
            assert item.times is not None
            article = identify(item.draft, item.times, self.session.site)
            item.article = with_asked_url(self.session.site, article, item.task.url, item.draft.url)
        return item
