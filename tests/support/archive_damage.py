"""The broken WARC files of fixtures/warc and how each was made.

`python -m tests.support.archive_damage` writes them again.
"""

from __future__ import annotations

import gzip
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

from newscrawl.core.records import Capture
from tests.support.archive_cases import PAGE, article, write_pages

FOLDER = Path(__file__).parents[1] / "fixtures" / "warc"


def broken(whole: bytes, places: list[tuple[int, int]]) -> dict[str, bytes]:
    """Files by name, made of one with three articles whose responses are at these (start, end)."""
    (first, _), (second, second_end), (_, third_end) = places
    page = whole[second:second_end]
    middle = second + len(page) // 2
    return {
        "whole": whole,
        "empty": b"",
        "not_gzip": b"<html>a page where a WARC file should be</html>",
        "torn": whole[: third_end - 20],
        "torn_then_appended": whole[: second_end - 20] + whole[second_end:],
        "flipped_bit": whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :],
        "flipped_checksum": whole[: second_end - 8]
        + bytes([whole[second_end - 8] ^ 1])
        + whole[second_end - 7 :],
        "garbage_between": whole[:second] + b"garbage\x1f\x8b\x08garbage" + whole[second:],
        "zeros_between": whole[:second] + bytes(100) + whole[second:],
        "zero_tail": whole + bytes(4096),
        "torn_zero_tail": whole[: third_end - 20] + bytes(4096),
        "only_zeros": bytes(4096),
        "no_warcinfo": whole[first:],
        "one_member": gzip.compress(gzip.decompress(whole), 6, mtime=0),
        "wrong_digest": whole[:second]
        + changed(page, b"<p>text</p>", b"<p>TEXT</p>")
        + whole[second_end:],
        "wrong_payload_digest": whole[:second]
        + changed(page, b"Payload-Digest: sha1:", b"Payload-Digest: sha1:A")
        + whole[second_end:],
        "wrong_length": whole[:second]
        + changed(page, b"Content-Length: 1", b"Content-Length: 9")
        + whole[second_end:],
        "wrong_meta": whole[:second]
        + changed(page, b'{"asked":', b'["asked":')
        + whole[second_end:],
        "wrong_date": whole[:second]
        + changed(page, b"WARC-Date: 2026-11-24", b"WARC-Date: 2026-13-24")
        + whole[second_end:],
        "page_with_a_forged_record": whole[:second] + forgery()[:-8] + whole[second_end:],
    }


def changed(member: bytes, old: bytes, new: bytes) -> bytes:
    """A record with something replaced, compressed again, so that only its own fields can tell."""
    record = gzip.decompress(member)
    assert old in record
    return gzip.compress(record.replace(old, new, 1), 6, mtime=0)


def forgery() -> bytes:
    """A response with a whole foreign record in its body, stored without compression, so that its bytes stand there."""
    with tempfile.TemporaryDirectory() as folder:
        path, (capture,) = write_pages(Path(folder), replace(PAGE, url="https://forged.example/"))
        start, end = place(capture)
        inner = gzip.decompress(path.read_bytes()[start:end])
    inner = inner.replace(
        b"00000000-0000-4000-8000-000000000001", b"11111111-1111-4111-8111-111111111111"
    )
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    return packer.compress(b"WARC/1.1\r\n\r\n" + gzip.compress(inner, 6, mtime=0)) + packer.flush()


def place(capture: Capture) -> tuple[int, int]:
    """Where a capture's response begins and ends."""
    start = capture.warc_offset or 0
    return start, start + (capture.warc_length or 0)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, captures = write_pages(Path(folder), article(1), article(2), article(3))
        files = broken(path.read_bytes(), [place(capture) for capture in captures])
    for name, data in files.items():
        (FOLDER / f"{name}.warc.gz").write_bytes(data)


if __name__ == "__main__":
    main()
