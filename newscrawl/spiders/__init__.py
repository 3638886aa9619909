"""The spiders: one class, made for each site file by newscrawl.crawl.loader."""
