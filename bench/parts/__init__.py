"""What the measurements share: targets to crawl, and the baselines they are compared with."""
