"""The third pipeline: which article a page is, whatever address led to it."""

from __future__ import annotations

from newscrawl.extract.refine import identify
from newscrawl.items import ArticleItem
from newscrawl.pipelines.stage import SessionStage


class DuplicatePipeline(SessionStage):
    """Finds the identity of an article, (site, key); other slugs, redirects and canonical addresses are aliases.

    A body that is stored under another key is found by its hash when the store writes the page.
    """

    changes = ("url", "key", "aliases")

    def process_article(self, article: ArticleItem) -> None:
        identify(article, self.site, article.task.url)
