"""One crawl of one site: what to fetch next, what becomes of each answer, and how the crawl ended."""
