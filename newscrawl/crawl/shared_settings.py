"""Scrapy settings of which each site of a crawl gets a copy at little cost."""

from __future__ import annotations

import copy
from typing import Self

from scrapy.settings import BaseSettings, Settings, SettingsAttribute, get_settings_priority


class _Sharing(BaseSettings):
    """Settings, or a table in them, whose copies share what they have in common."""

    def copy(self) -> Self:
        """Settings with the same values and priorities, which can be changed on their own."""
        copied = copy.copy(self)
        copied.attributes = dict(self.attributes)
        for name, attribute in self.attributes.items():
            # A table such as DOWNLOAD_HANDLERS can be changed in place, and so can a list.
            if isinstance(attribute.value, _Sharing):
                copied.attributes[name] = copy.copy(attribute)
                copied.attributes[name].value = attribute.value.copy()
            elif isinstance(attribute.value, BaseSettings | list | dict):
                copied.attributes[name] = copy.deepcopy(attribute)
        return copied

    def set(self, name: str, value: object, priority: int | str = "project") -> None:
        """Like Scrapy's, but settings that share the attribute keep the value that it has.

        At the beginning of a crawl, Scrapy sets all settings of the process once more in the copy.
        """
        if name in self.attributes and not self.frozen:
            attribute = self.attributes[name]
            is_same_priority = attribute.priority == get_settings_priority(priority)
            if is_same_priority and _is_same(attribute.value, value):
                return
            self.attributes[name] = SettingsAttribute(attribute.value, attribute.priority)
        super().set(name, value, priority)


def _is_same(value: object, other: object) -> bool:
    """Whether two values are one object, or tables that share all that is in them."""
    if isinstance(value, _Sharing) and isinstance(other, _Sharing):
        return value.attributes == other.attributes
    return value is other


class _SharedTable(_Sharing):
    """A table in SharedSettings."""


class SharedSettings(_Sharing, Settings):
    """Scrapy's settings, whose copies share what they have in common.

    In Scrapy's own copies each value is another object. They take longer to make, and Python's
    garbage collector visits them all.
    """

    def share_tables(self) -> None:
        """From now on, copies share what is in the tables too, such as DOWNLOAD_HANDLERS."""
        for attribute in self.attributes.values():
            if type(attribute.value) is BaseSettings:
                table = _SharedTable()
                table.attributes = attribute.value.attributes
                attribute.value = table
