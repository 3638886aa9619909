"""A small fictional newspaper on loopback, for which the correct result of a crawl is known."""
