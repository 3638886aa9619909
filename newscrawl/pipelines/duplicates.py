"""The third pipeline: identifies the article of a page, independent of the requested address."""

from __future__ import annotations

from newscrawl.extract.refine import identify
from newscrawl.items import ArticleItem
from newscrawl.pipelines.stage import SessionStage


class DuplicatePipeline(SessionStage):
    """Determines the identity of an article, which is (site, key).

    Other slugs, redirects and canonical addresses are aliases. When the store writes the page, it
    finds a body that is stored under another key by its hash.
    """

    may_be_interrupted = False  # the session may begin here; and it compares three addresses

    changes = ("url", "key", "aliases")

    def process_article(self, article: ArticleItem) -> None:
        identify(article, self.site, article.task.url)
