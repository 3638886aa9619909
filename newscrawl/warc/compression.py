"""Compresses bytes as one gzip member, with Intel's ISA-L if it is installed (`[fast]`), else zlib.

ISA-L compresses a page of 100 KB eighteen times as fast as zlib at level 6, and 15 % larger; its
output is ordinary gzip. zlib's level 9 takes three times as long as level 6 and saves 1 %.
"""

from __future__ import annotations

import zlib
from typing import Protocol

GZIP = 31  # window bits that select a gzip header


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


def gzip_member(*parts: bytes) -> bytes:
    """The parts, one after the other, in one gzip member.

    If a part is compressed already, nothing is compressed again.
    """
    if any(_is_gzip(part) for part in parts):
        compressor: _Compressor = zlib.compressobj(0, zlib.DEFLATED, GZIP)
    else:
        compressor = _compressor()
    compressed = [compressor.compress(part) for part in parts]
    return b"".join([*compressed, compressor.flush()])


def _is_gzip(part: bytes) -> bool:
    return part.startswith(b"\x1f\x8b\x08")


try:
    from isal import isal_zlib
except ImportError:

    def _compressor() -> _Compressor:
        return zlib.compressobj(6, zlib.DEFLATED, GZIP)
else:

    def _compressor() -> _Compressor:
        return isal_zlib.compressobj(2, isal_zlib.DEFLATED, GZIP)
