"""Small archives of other programs, with made-up pages of a made-up newspaper, in every format."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastwarc.stream_io import ZstdWriter

SITE_FILE = """
name = "paper"
title = "The Paper"
domain = "paper.example"
origin = "https://paper.example"
hosts = ["www.paper.example"]
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
article_url = '^/(?:[^/]*/)?(?P<id>\\d+)\\.html$'
category_url = '^/(?P<slug>[a-z-]+)/(?:page-(?P<page>\\d+)/)?$'
category_start = "/{slug}/"
formats = ["%d/%m/%Y %H:%M"]
category = [{ key = "news", slug = "news", name = "News" }]

[[template]]
name = "plain"
marker = "article.story"
fields = { title = "h1", summary = "p.lead", body = "div.text", published = "time", breadcrumb = "nav a" }

[[template.links]]
kind = "related"
within = "aside"
card = "a"

[[listing]]
name = "plain"
marker = "ul.front"
block = [{ block = "list", card = "ul.front li", link = "a", published = "time" }]
"""
HTML = (b"Content-Type", b"text/html; charset=utf-8")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One record: a response as an archive stores it, or a revisit."""

    url: str
    at: str  # 2020-01-02T03:04:05Z
    body: bytes = b""
    status: str = "200 OK"
    headers: Sequence[tuple[bytes, bytes]] = (HTML,)
    fields: Mapping[str, str] = field(default_factory=dict)
    revisit: bool = False

    @property
    def mime(self) -> str:
        """The type of the page, as an index lists it."""
        if self.revisit:
            return "warc/revisit"
        types = [value for name, value in self.headers if name.lower() == b"content-type"]
        return types[0].decode().partition(";")[0] if types else "unk"

    @property
    def message(self) -> bytes:
        """The HTTP message."""
        lines = [f"HTTP/1.1 {self.status}".encode()]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join([*lines, b"", b""]) + self.body

    @property
    def warc(self) -> bytes:
        """The record in a WARC file."""
        block = self.message
        fields = {
            "WARC-Type": "revisit" if self.revisit else "response",
            "WARC-Record-ID": f"<urn:record:{self.at}:{self.url}>",
            "WARC-Target-URI": self.url,
            "WARC-Date": self.at,
            "Content-Type": "application/http; msgtype=response",
            "Content-Length": str(len(block)),
        } | dict(self.fields)
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"

    @property
    def arc(self) -> bytes:
        """The record in an ARC file."""
        digits = "".join(sign for sign in self.at if sign.isdigit())
        head = f"{self.url} 192.0.2.1 {digits} text/html {len(self.message)}\n"
        return head.encode() + self.message + b"\n"


def story(
    key: int, title: str = "A bridge opens", text: str = "It is open.", related: Sequence[int] = ()
) -> bytes:
    """The page of an article."""
    links = "".join(f'<a href="/old/{other}.html">Story {other}</a>' for other in related)
    return (
        f'<html><body><nav><a href="/news/">News</a></nav><article class="story"><h1>{title}</h1>'
        f"<time>02/01/2020 10:00</time><p class=lead>Lead of {key}</p>"
        f'<div class="text"><p>{text}</p></div></article><aside>{links}</aside></body></html>'
    ).encode()


def front(*keys: int, word: str = "Story") -> bytes:
    """The page of a category, or the home page."""
    items = "".join(
        f'<li><a href="/s/{key}.html">{word} {key}</a><time>02/01/2020 10:00</time></li>'
        for key in keys
    )
    return f'<html><body><ul class="front">{items}</ul></body></html>'.encode()


def _wacz(records: Sequence[Stored]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("archive/data.warc.gz", FORMATS["members.warc.gz"](records))
        package.writestr("datapackage.json", "{}")
    return file.getvalue()


def _zstd(records: Sequence[Stored]) -> bytes:
    file = io.BytesIO()
    writer = ZstdWriter(file)
    for record in records:
        writer.write(record.warc)
    writer.close()
    return file.getvalue()


def _arc(records: Sequence[Stored]) -> list[bytes]:
    version = b"1 1 Made up\nURL IP-address Archive-date Content-type Archive-length\n"
    head = f"filedesc://x.arc 0.0.0.0 20200101000000 text/plain {len(version)}\n".encode()
    return [head + version + b"\n", *(record.arc for record in records)]


FORMATS: Mapping[str, Callable[[Sequence[Stored]], bytes]] = {
    "members.warc.gz": lambda records: b"".join(gzip.compress(one.warc) for one in records),
    "whole.warc.gz": lambda records: gzip.compress(b"".join(one.warc for one in records)),
    "plain.warc": lambda records: b"".join(one.warc for one in records),
    "frames.warc.zst": _zstd,
    "plain.arc": lambda records: b"".join(_arc(records)),
    "members.arc.gz": lambda records: b"".join(gzip.compress(one) for one in _arc(records)),
    "package.wacz": _wacz,
}


def write(folder: Path, name: str, records: Sequence[Stored]) -> Path:
    """A file whose format is that of its name, or that of a WARC file in members."""
    path = folder / name
    make = FORMATS.get(name, FORMATS["members.warc.gz"])
    path.write_bytes(make(records))
    return path


def archive(folder: Path) -> Path:
    """A folder of an archive that knows the newspaper."""
    (folder / "sites").mkdir(parents=True)
    (folder / "sites" / "paper.toml").write_text(SITE_FILE, "utf-8")
    return folder
