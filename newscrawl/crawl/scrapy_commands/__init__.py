"""Commands of `scrapy` that behave differently in this project.

Scrapy finds them through the setting COMMANDS_MODULE.
"""
