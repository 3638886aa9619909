"""Scrapy settings of which each site of a crawl gets a copy at little cost."""

from __future__ import annotations

import copy
from typing import Self

from scrapy.settings import BaseSettings, Settings, SettingsAttribute


class SharedSettings(Settings):
    """Scrapy's settings, whose copies share what they have in common.

    In Scrapy's own copies each value is another object. They take longer to make, and Python's
    garbage collector visits them all.
    """

    def copy(self) -> Self:
        """Settings with the same values and priorities, which can be changed on their own."""
        copied = copy.copy(self)
        copied.attributes = dict(self.attributes)
        for name, attribute in self.attributes.items():
            # A table such as DOWNLOAD_HANDLERS, or a list, can be changed in place.
            if isinstance(attribute.value, BaseSettings | list):
                copied.attributes[name] = copy.deepcopy(attribute)
        return copied

    def set(self, name: str, value: object, priority: int | str = "project") -> None:
        """Like Scrapy's, but settings that share the attribute keep the value that it has."""
        if name in self.attributes and not self.frozen:
            attribute = self.attributes[name]
            self.attributes[name] = SettingsAttribute(attribute.value, attribute.priority)
        super().set(name, value, priority)
