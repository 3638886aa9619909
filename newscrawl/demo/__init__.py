"""A small made-up newspaper on loopback: something to crawl where every right answer is known."""
