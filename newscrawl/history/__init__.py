"""Other people's archives in: pages of the past, stored as if a crawl had fetched them then."""
