"""The words that pages of many countries use: names of boxes, headings of link lists, offers, errors, walls.

Each tuple is alternatives of one regular expression, without case; folded ones are compared with folded text.
"""

from __future__ import annotations

import re

# Whole words of class and id attributes (`box-related__list` has box, related, list) for what is no part of a text.
BOXES = (
    "newsletters?", "nl", "subscribe", "subscription", "signup", "promo", "promos", "promobox", "promotion", "advert",
    "ads?", "advertisement", "sponsor(?:ed)?", "related", "relateds", "recirc", "recirculation",
    "recommend(?:ed|ations?)?", "readmore", "read-more", "readalso", "see-?also", "also-?read", "more-?on",
    "more-?from",
    "most-?read", "most-?popular", "trending", "outbrain", "taboola", "teasers?", "teaserbox", "infobox", "fact-?box",
    "faktaboks", "faktenbox", "author-?bio", "bio", "author-?box", "about-?author", "bylines?", "comments?", "disqus",
    "commenting", "poll", "quiz", "captions?", "figcaption", "image-?credit", "photo-?credit", "img-?credit",
    "copyright", "share", "sharing", "social", "follow", "cookie", "consent", "breadcrumbs?", "tags?", "taglist",
    "toolbar", "tooltip", "modal", "popup", "overlay", "skip", "screen-?reader(?:-text)?", "visually-?hidden",
    "sr-only", "print-?only", "noprint",
)  # fmt: skip

UPDATED = (
    "updated",
    "last",
    "aktualisiert",
    "mis à jour",
    "actualizado",
    "aggiornato",
    "cập nhật",
    "güncelleme",
)

# Headings of link lists, folded.
RELATED = (
    "(?:tin|bai)(?: viet)? lien quan", "tin cung (?:chu de|su kien)", r"(?:xem|doc) them\W*$", "co the ban quan tam",
    r"related\b", "(?:read|see) (?:also|more|next)", "more on (?:this|the)", "more (?:stories|like this)",
    "you (?:may|might) (?:also )?like", "recommended", "mehr zum thema", "auch interessant", "lesen sie auch",
    "weitere artikel", "passend zum thema", "(?:a )?lire aussi", "sur le meme (?:sujet|theme)", "leggi anche",
    "articoli correlati", "potrebbe interessarti", "(?:noticias|articulos|contenidos?) relacionad",
    "(?:lea|lee|ver) (?:tambien|mas)", "te puede interesar", "(?:leia|veja) (?:tambem|mais)",
    "(?:noticias|materias) relacionadas", "lees ook", "gerelateerd", "les ogsa", "laes ogsa", "las (?:mer|ocksa|aven)",
    "relaterat", "ilgili haber", "baca juga", "berita terkait", "czytaj (?:takze|tez)", "(?:pro)?citajte (?:i|jos)",
    "читаите также", "по теме", "関連記事", "관련 ?기사", "相关(?:新闻|阅读)",
)  # fmt: skip
SAME_CATEGORY = (
    "(?:tin|bai)(?: viet)? cung (?:chuyen muc|muc)", "cung chuyen muc", "more (?:from|in) ", r"mehr aus\b",
    "dans la meme rubrique",
)  # fmt: skip

# Words of class attributes beside a printed date.
DATES = (
    "date", "datetime", "time", "timestamp", "published", "publish", "pubdate", "posted", "created", "dateline",
    "datum",
    "tarih", "fecha", "fecha-?publicacion", "data", "ngay", "thoi-?gian",
)  # fmt: skip

# Parts of class and id attributes around dates that are other articles', other people's, or today's.
NOT_OWN = (
    "relat", "comment", "teaser", "recommend", "sidebar", "latest", "card", "widget", "clock", "today", "current",
    "popular", "trending", "most-?(?:read|view)", "ticker", "breaking", "promo", "copyright",
    r"(?:^|[\s_-])rel(?:$|[\s_-])", "lien-?quan", "cung-?(?:chuyen|muc)", "xem-?nhieu", "doc-?nhieu", "tin-?moi",
)  # fmt: skip

# How a by-line begins. `Theo` and `Oleh` are first names too, so some need a colon.
BY = ("by", "von", "par", "por", "di", "af", "av", "door", "bởi")
WRITTEN = (
    "written", "story", "reported", "updated", "posted", "published", "compiled", "words", "verfasst", "geschrieben",
    "écrit", "escrito", "scritto", "skrevet", "skriven", "geschreven", "viết",
)  # fmt: skip
BY_LABELS = (
    "by", "authors?", "autor(?:en|es|ka)?", "autore", "auteure?", "yazan", "penulis", "oleh", "texte?", "texto",
    "testo", "tekst", "theo", "tác giả", "автор", "作者", "文",
)  # fmt: skip
WRITTEN_BY = (
    "written", "author", "verfasst", "geschrieben", "écrit", "escrito", "scritto", "skriv", "geschreven", "yaz", "viết",
)  # fmt: skip
NOBODY = (
    "staff",
    "editor",
    "admin(?:istrator)?",
    "developer",
    "null",
    "none",
    "undefined",
    "unknown",
    "n/?a",
)
JOBS = (
    "reporter", "correspondent", "editor", "columnist", "writer", "journalist", "developer", r"redakteur\w*",
    r"korrespondent\w*", r"professor\w*", "profesorius", "staff", "contributor", "producer", "photographer",
    r"fotograf\w*", "senior", "chief",
)  # fmt: skip
DEGREES = (r"ph\.?d", r"m\.?d")


def one_of(words: tuple[str, ...]) -> str:
    """The alternatives as one group."""
    return f"(?:{'|'.join(words)})"


def begins(words: tuple[str, ...]) -> re.Pattern[str]:
    """For text that begins with one of the words, signs aside."""
    return re.compile(rf"\W*{one_of(words)}", re.IGNORECASE)
