"""A crawl on several machines: workers fetch, one collector writes, and Redis connects them.

All lasting state is in the archive's frontier. Redis contains only work in progress, which may be
lost at any time.
"""
