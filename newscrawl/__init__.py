"""newscrawl keeps the news: what was published, when, and what it pointed to."""

__version__ = "0.1.0"
