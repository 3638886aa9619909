"""The pages of `attack_site`: what each trap does and which reason must be recorded for it, and what baits say."""

from __future__ import annotations

import gzip
import html
import socket
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler
from threading import Event

GOOD = tuple(range(1, 21))
ENTITIES = "".join(f'<!ENTITY a{n + 1} "&a{n};&a{n};&a{n};&a{n};">' for n in range(30))
LAUGHS = f'<!DOCTYPE r [<!ENTITY a0 "ha">{ENTITIES}]>'
XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
MIB = 1 << 20
COOKIE = "SESSION=follow-me"


@dataclass(frozen=True, slots=True)
class Places:
    """What the traps lead to: the paper's own port, and a canary's, which nobody may ask."""

    port: int
    canary: int


class Connection(BaseHTTPRequestHandler):
    """One visitor; `send` answers with a page, a trap may also write to the socket itself."""

    protocol_version = "HTTP/1.1"
    over: Event  # set once the paper closes

    def do_GET(self) -> None:
        self.take()

    def take(self) -> None:
        """Answers the path that is asked for."""
        raise NotImplementedError

    def send(
        self, body: bytes, *headers: tuple[str, str], status: int = 200, kind: str = "text/html"
    ) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Set-Cookie", COOKIE), *headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def raw(self, data: bytes) -> None:
        """An answer of one's own making, after which the connection ends."""
        self.close_connection = True
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Quiet."""


Route = Callable[[Connection], None]


def article(title: str, *, time: str = "06/08/2026 10:30", head: str = "", more: str = "") -> bytes:
    """A page as the site file describes it; its words are those of its title, so that no two are alike."""
    words = " ".join(
        f"Đoạn {n} của bài {title}: bến thuyền, mùa lúa và giá cà phê trong tuần." for n in range(5)
    )
    return (
        f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1><time>{time}</time>"
        f'<div class="body"><p>{words}</p>{more}</div></body></html>'
    ).encode("utf-8", "surrogatepass")


def page(body: bytes, *headers: tuple[str, str]) -> Route:
    return lambda visitor: visitor.send(body, *headers)


def to(location: str) -> Route:
    """A redirect."""
    return lambda visitor: visitor.send(b"", ("Location", location), status=302)


def raw(data: bytes) -> Route:
    return lambda visitor: visitor.raw(data)


def xml(text: str) -> Route:
    return lambda visitor: visitor.send(text.encode(), kind="application/xml")


@cache
def gzip_bomb(size: int) -> bytes:
    """Zeros, a thousand times as many as there are bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


def drip(visitor: Connection) -> None:
    """A byte a second, for as long as anybody listens."""
    visitor.close_connection = True
    visitor.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")
    while not visitor.over.wait(1):
        visitor.wfile.write(b" ")


def endless(visitor: Connection) -> None:
    """A page without end."""
    visitor.close_connection = True
    visitor.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")
    while not visitor.over.is_set():
        visitor.wfile.write(b"<p>" + b"x" * 65536)


def reset(visitor: Connection) -> None:
    """Ends the connection the hard way, in the middle of the head."""
    visitor.close_connection = True
    visitor.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
    visitor.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visitor.connection.close()


def nested(levels: int) -> bytes:
    return b"<html><body><h1>x</h1>" + b"<div>" * levels + b"words " * 5000 + b"</div>" * levels


def redirects(at: Places) -> dict[str, tuple[str, str]]:
    """Slug -> (the reason that must be recorded, where the redirect leads)."""
    here, other = at.port, at.canary
    return {
        "port": ("refused_port", f"http://127.0.0.1:{other}/"),
        "address": ("refused_number", f"http://127.0.0.2:{here}/"),
        "relative-address": ("refused_number", f"//127.0.0.2:{here}/"),
        "short-address": ("refused_number", f"http://127.1:{here}/"),
        "decimal-address": ("refused_number", f"http://2130706433:{here}/"),
        "hex-address": ("refused_number", f"http://0x7f.1:{here}/"),
        "octal-address": ("refused_number", f"http://017700000001:{here}/"),
        "mapped-address": ("refused_number", f"http://[::ffff:127.0.0.1]:{here}/"),
        "metadata": ("refused_number", "http://169.254.169.254/latest/meta-data/"),
        "name": ("refused_host", f"http://localhost:{here}/"),
        "trailing-dot": ("refused_number", f"http://127.0.0.1.:{here}/"),
        "user": ("refused_user", f"http://reader:secret@127.0.0.1:{here}/tin-1.html"),
        "backslash": ("refused_host", f"http://ok\\@127.0.0.1:{here}/tin-1.html"),
        "file": ("refused_scheme", "file:///etc/hostname"),
        "file-on-host": ("refused_scheme", f"file://127.0.0.1:{here}/etc/hostname"),
        "data": ("refused_scheme", "data:text/html,words"),
        "s3": ("refused_scheme", "s3://bucket/key"),
        "ftp": ("refused_scheme", f"ftp://127.0.0.1:{other}/x"),
        "bad-port": ("refused_unreadable", "http://127.0.0.1:99999999/"),
        "brackets": ("refused_unreadable", "http://[::1"),
        "packed-host": ("refused_host", "http://127%E3%80%820%E3%80%820%E3%80%821/"),
        "long": ("refused_host", "http://evil.example/" + "x" * 10_000),
        "loop": ("redirect_loop", "/loop-{id}.html?again"),
    }


@cache
def traps(at: Places) -> dict[str, tuple[str, Route]]:
    """Slug -> (the reason that must be recorded, what it does). All of them look like articles."""
    found: dict[str, tuple[str, Route]] = {
        name: (code, to(url)) for name, (code, url) in redirects(at).items()
    }
    bomb = gzip_bomb(1024 * MIB)
    links = b"<a href=/b>x" * 1_000_000
    return found | {
        "gzip-bomb": ("too_large", page(bomb, ("Content-Encoding", "gzip"))),
        "deflate-bomb": ("too_large", page(zlib.compress(bytes(400 * MIB), 9), ("Content-Encoding", "deflate"))),
        "nested-bomb": ("refused_encoding", page(gzip.compress(bomb), ("Content-Encoding", "gzip, gzip"))),
        "many-layers": ("refused_encoding", page(b"x", ("Content-Encoding", ",".join(["gzip"] * 2000)))),
        "brotli": ("refused_encoding", page(bytes.fromhex("0b028068656c6c6f03"), ("Content-Encoding", "br"))),
        "zstd": ("refused_encoding", page(bytes.fromhex("28b52ffd"), ("Content-Encoding", "zstd"))),
        "giant-page": ("too_large", page(b"<p>" + b"x" * (17 * MIB))),
        "endless-page": ("too_large", endless),
        "deep": ("too_deep", page(nested(2_050))),
        "very-deep": ("too_deep", page(nested(100_000))),
        "million-links": ("too_big", page(b"<html><h1>x</h1>" + links)),
        "many-attributes": ("too_big", page(b"<h1>x</h1><p " + b" ".join(b"a%d=1" % n for n in range(50_000)) + b">")),
        "drip": ("timeout", drip),
        "reset": ("connection", reset),
        "cut-off": ("truncated", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<h1>x</h1>")),
        "long-header": ("refused_headers", raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * MIB + b"\r\n\r\n")),
        "bad-header-name": ("connection", raw(b"HTTP/1.1 200 OK\r\nX-\xff: 1\r\nContent-Length: 0\r\n\r\n")),
        "no-http": ("connection", raw(b"\x16\x03\x01" + bytes(500))),
        "not-html": ("not_html", page(bytes(range(256)).replace(b"<", b"") * 100)),
    }  # fmt: skip


@cache
def baits(at: Places) -> dict[str, bytes | Route]:
    """Slug -> an article that is stored: its attack is in its words, or beside them."""
    deep = "[" * 100_000
    canary = f"http://127.0.0.1:{at.canary}/"
    digits = '{"@type":"NewsArticle","datePublished":' + "9" * 5000 + ',"x":NaN}'
    half = r'"\ud800 / \udc00"'
    names = (
        "dateModified",
        "datePublished",
        "author",
        "keywords",
        "image",
        "inLanguage",
        "articleSection",
    )
    fields = ",".join(f'"{name}":{half}' for name in names)
    steps = f'{{"@type":"BreadcrumbList","itemListElement":[{{"name":{half},"item":{half}}}]}}'
    halves = f'[{{"@type":"NewsArticle",{fields}}},{steps}]'
    tricks = "".join(f'<a href="{html.escape(href)}">x</a>' for href in trick_links(at))
    refresh = f'<meta http-equiv="refresh" content="0;url={canary}"><base href="{canary}">'
    head = f'<link rel="canonical" href="{canary}tin-1.html"><link rel="next" href="file:///etc/hostname">'
    header = b"HTTP/1.1 200 OK\r\nX-Split: a\rWARC/1.1\rWARC-Type: response\nX-Folded: a\r\n b\r\nX-Odd: \xff\x00\r\n"
    text = article("Đầu mục chia đôi")
    many = "<ul>" + '<li><a href="/tin-1.html">x</a></li>' * 9_000 + "</ul>"
    return {
        "escapes": article("Tin\x1b[31m đỏ \x1b]0;owned\x07 \u202egnol\u202c \x9b2J hết"),
        "formula": article("=HYPERLINK(&quot;http://evil.example&quot;) tin"),
        "sql": article("Robert'); DROP TABLE articles;-- tin"),
        "script": article("&lt;script&gt;alert(1)&lt;/script&gt; tin"),
        "bad-letters": article("A\x00 &#xD800; &#0; \ud800 tin").replace(b"tin", b"t\xff\xfein", 2),
        "deep-json": article(
            "Bài ngoặc", head=f'<script type="application/ld+json">{deep}</script>'
        ),
        "long-number": article(
            "Bài số dài", head=f'<script type="application/ld+json">{digits}</script>'
        ),
        "half-letters": article(
            "Bài nửa chữ", head=f'<script type="application/ld+json">{halves}</script>'
        ),
        "long-time": article("Bài giờ dài", time="1" * 50_000),
        "tricks": article("Bài nhiều bẫy", head=head, more=tricks),
        "refresh": page(article("Bài tự chuyển", head=refresh), ("Refresh", f"0; url={canary}")),
        "split-header": raw(header + b"Content-Length: %d\r\n\r\n" % len(text) + text),
        "many-links": article("Bài nhiều liên kết", more=many),
        "..%2f..%2fetc%2f%00": article("Bài leo thư mục"),
    }


def trick_links(at: Places) -> tuple[str, ...]:
    """What no honest page links to."""
    return (
        f"http://127.0.0.1:{at.canary}/a-1.html", f"http://2130706433:{at.port}/a-2.html", "file:///etc/hostname",
        f"http://reader:secret@127.0.0.1:{at.port}/a-3.html", f"http://ok\\@127.0.0.1:{at.canary}/a-4.html",
        "ftp://127.0.0.1/a-5.html", "s3://bucket/a-6.html", "data:text/html,x", "http://[::1]/a-7.html",
        f"http://１２７.０.０.１:{at.canary}/a-8.html",
    )  # fmt: skip


def numbered(at: Places) -> dict[str, str]:
    """Slug -> path of every trap and bait; one id is beyond 64 bits."""
    ids = (9 * 10**18 + n if n % 7 else 10**25 + n for n in range(10_000))
    return {
        name: f"/{name}-{number}.html"
        for name, number in zip((*traps(at), *baits(at)), ids, strict=False)
    }


def listing(links: list[str], more: str = "") -> Route:
    cards = "".join(f'<li><a href="{html.escape(link)}">Bài</a></li>' for link in links)
    return page(f"<html><body><ul>{cards}</ul>{more}</body></html>".encode())


def routes(at: Places) -> dict[str, Route]:
    """Every path of the paper."""
    paths, all_traps = numbered(at), traps(at)
    found: dict[str, Route] = {f"/tin-{n}.html": page(article(f"Tin tốt số {n}")) for n in GOOD}
    for name, (_, route) in all_traps.items():
        found[paths[name]] = route
    found[paths["loop"]] = to(paths["loop"])
    for name, bait in baits(at).items():
        found[paths[name]] = page(bait) if isinstance(bait, bytes) else bait
    good = [f"/tin-{n}.html" for n in GOOD]
    tricky = [*trick_links(at), "/" + "x" * 5000 + "-1.html"]
    found["/muc/tin"] = listing(good)
    found["/muc/bay"] = listing([*paths.values(), *tricky])
    for n in range(1, 50):
        more = "" if n == 1 else f"/{n}"
        found[f"/muc/lich{more}"] = listing(
            [f"/lich-{8000 + n}.html"], f'<a href="/muc/lich/{n + 1}">sau</a>'
        )
    found["/muc/khong-lo"] = page(b"<li>" * (5 * MIB))
    found["/muc/trieu"] = page(b"<li><a href=/b>" * 1_000_000)
    return found | documents(at)


def documents(at: Places) -> dict[str, Route]:
    """robots.txt, feeds and sitemaps."""
    items = "".join(
        f"<item><link>{html.escape(url)}</link></item>" for url in (*trick_links(at), "/tin-1.html")
    )
    entries = "".join(
        f"<url><loc>{html.escape(url)}</loc></url>" for url in (*trick_links(at), "/tin-1.html")
    )
    robots = (
        b"User-agent: *\nDisallow: /cam\n"
        + b"#" * 80
        + b"\n" * (11 * MIB)
        + b"Crawl-delay: 1000000000\n"
    )
    found: dict[str, Route] = {
        "/robots.txt": lambda visitor: visitor.send(robots, kind="text/plain"),
        "/rss/laughs.rss": xml(
            f"{LAUGHS}<rss version='2.0'><channel><title>&a30;</title></channel></rss>"
        ),
        "/rss/xxe.rss": xml(
            f"{XXE}<rss version='2.0'><channel><item><link>&x;</link></item></channel></rss>"
        ),
        "/rss/tricks.rss": xml(f"<rss version='2.0'><channel>{items}</channel></rss>"),
        "/sitemap-laughs.xml": xml(f"{LAUGHS}<urlset><url><loc>&a30;</loc></url></urlset>"),
        "/sitemap-xxe.xml": xml(f"{XXE}<urlset><url><loc>&x;</loc></url></urlset>"),
        "/sitemap-tricks.xml": xml(f"<urlset>{entries}</urlset>"),
    }
    for n in range(1, 100):
        more = f"<sitemap><loc>/sitemap-chain-{n + 1}.xml</loc></sitemap>"
        found[f"/sitemap-chain-{n}.xml"] = xml(f"<sitemapindex>{more}</sitemapindex>")
    return found


# The reasons that must be recorded for what is no article.
DOCUMENTS = {
    "/muc/khong-lo": "too_large",
    "/muc/trieu": "too_big",
    "/rss/laughs.rss": "entities",
    "/rss/xxe.rss": "entities",
    "/sitemap-laughs.xml": "entities",
    "/sitemap-xxe.xml": "entities",
    "/sitemap-chain-3.xml": "sitemap_too_deep",
}
