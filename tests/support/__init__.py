"""What tests share: builders of archives and pages, servers to crawl, and generators of documentation."""
