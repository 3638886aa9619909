"""The item pipelines, one job each: clean, timestamps, duplicates, store.

PIPELINES is the path of every item, whether a spider of this process or a worker fetched the page: settings.py makes
ITEM_PIPELINES from it, and the collector uses ITEM_PIPELINES too.
"""

from __future__ import annotations

from collections.abc import Mapping

PIPELINES: Mapping[str, int] = {
    "newscrawl.pipelines.clean.CleanPipeline": 100,
    "newscrawl.pipelines.timestamps.TimestampPipeline": 200,
    "newscrawl.pipelines.duplicates.DuplicatePipeline": 300,
    "newscrawl.pipelines.store.StorePipeline": 900,
}
