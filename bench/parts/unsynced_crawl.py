"""newscrawl without any sync of raw pages, to measure what the syncs cost.

`unsynced_crawl.py ARGS...` takes the arguments of newscrawl.
"""

from __future__ import annotations

from typing import Any

from newscrawl.cli.main import main
from newscrawl.warc import WarcWriter

if __name__ == "__main__":
    writer: Any = WarcWriter
    writer.sync = lambda writer: None
    main()
