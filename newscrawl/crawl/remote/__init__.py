"""A crawl past one machine: workers fetch, one collector writes, Redis passes pages between them.

The archive's frontier stays the only memory. What lies in Redis is work under way, and may be lost at any time.
"""
