"""The item pipelines, one job each: clean, timestamps, duplicates, store.

Every item goes through PIPELINES, whether a spider in this process or a worker has fetched its
page. settings.py makes ITEM_PIPELINES from it, and the collector uses ITEM_PIPELINES too.
"""

from __future__ import annotations

from collections.abc import Mapping

PIPELINES: Mapping[str, int] = {
    "newscrawl.pipelines.clean.CleanPipeline": 100,
    "newscrawl.pipelines.timestamps.TimestampPipeline": 200,
    "newscrawl.pipelines.duplicates.DuplicatePipeline": 300,
    "newscrawl.pipelines.store.StorePipeline": 900,
}
