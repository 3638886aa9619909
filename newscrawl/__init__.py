"""newscrawl keeps the news: what was published, when, and what it pointed to."""

from newscrawl.core import version

__version__ = version.VERSION
