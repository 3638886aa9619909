"""Compressed exports: `articles.csv.gz`, `articles.jsonl.zst`."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

from newscrawl.core.errors import UsageError
from newscrawl.core.extras import install_hint

Compression = Literal["gz", "zst"]


def compression_of(path: Path) -> Compression | None:
    """How a file of this name is compressed; None if it is not."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return "gz"
    return "zst" if suffix == ".zst" else None


@contextmanager
def compressed(out: BinaryIO, compression: Compression | None) -> Iterator[BinaryIO]:
    """A stream that writes to `out`, compressed. Equal contents give equal bytes.

    UsageError if pyarrow, which compresses with Zstandard, is not installed.
    """
    if compression is None:
        yield out
    elif compression == "gz":
        with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as target:
            yield target  # type: ignore[misc]
    else:
        with _zstandard(out) as target:
            yield target


class _KeptOpen(io.RawIOBase):
    """A stream that stays open when pyarrow closes its own: whoever opened it closes it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return self._out.write(data)


def _zstandard(out: BinaryIO) -> BinaryIO:
    try:
        import pyarrow
    except ImportError as error:
        raise UsageError(
            f".zst files need pyarrow, which is not installed ({error})", install_hint("parquet")
        ) from error
    stream: BinaryIO = pyarrow.CompressedOutputStream(_KeptOpen(out), "zstd")
    return stream
