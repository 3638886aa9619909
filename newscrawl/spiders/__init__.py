"""The spiders: one class per site file, created by newscrawl.crawl.loader."""
