"""One crawl of one site: which page is next, how responses are handled, how the crawl ends."""
