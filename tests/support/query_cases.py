"""Queries, and what each has to find: plain Python over the fields of an article, without an index."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from newscrawl.core.text import fold, slugify
from newscrawl.store.write.store import Store

WORDS = (
    "Đường đường duong dương sắt sat sắc gạo lúa xuất xuat khẩu khau khẩu-trang giá gia xăng dầu đỗ do đo dung đúng"
    " thị trường tài chính tai chinh covid 19 5G điện ĐIỆN người dân Đà Nẵng Huế"
).split()
NAMES = ("Minh Anh", "Trần Đình Lê", "Đỗ Hoa", "Lê Minh", "Anh Trần", "Nguyễn Văn Anh")
TAGS = ("tài chính", "xuất khẩu", "đường sắt", "giá xăng", "chính sách")
CATEGORIES = ("Kinh tế", "Thị trường", "Đời sống")
SITES = ("paper", "other")


@dataclass(frozen=True)
class Sample:
    """The fields of an article that a query may name."""

    title: str
    summary: str
    body: str
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    category: str | None = None
    site: str = "paper"


def samples(count: int, seed: int = 16) -> list[Sample]:
    """Articles of a few words that come in many spellings."""
    rng = random.Random(seed)
    return [
        Sample(
            title=" ".join(rng.choices(WORDS, k=rng.randint(2, 5))),
            summary=", ".join(rng.choices(WORDS, k=rng.randint(0, 4))),
            body=". ".join(rng.choices(WORDS, k=rng.randint(4, 14))),
            authors=tuple(rng.sample(NAMES, rng.randint(0, 2))),
            tags=tuple(rng.sample(TAGS, rng.randint(0, 2))),
            category=rng.choice((*CATEGORIES, None)),
            site=rng.choice(SITES),
        )
        for _ in range(count)
    ]


Test = Callable[[Sample], bool]


@cache
def texts(sample: Sample, name: str) -> tuple[list[str], ...]:
    """The words of each text in a field, without diacritics."""
    fields: Mapping[str, tuple[str, ...]] = {
        "title": (sample.title,),
        "summary": (sample.summary,),
        "body": (sample.body,),
        "any": (sample.title, sample.summary, sample.body),
        "author": sample.authors,
        "tag": sample.tags,
    }
    return tuple(re.findall(r"[^\W_]+", fold(text)) for text in fields[name])


def has(phrase: str, name: str = "any") -> Test:
    """Whether the words of the phrase follow each other in a text; `xu*` is the beginning of a word."""
    is_prefix = phrase.endswith("*")
    wanted = re.findall(r"[^\W_]+", fold(phrase))

    def at(words: list[str], start: int) -> bool:
        found = words[start : start + len(wanted)]
        if is_prefix and len(found) == len(wanted):
            found = [*found[:-1], found[-1][: len(wanted[-1])]]
        return found == wanted

    return lambda sample: any(
        at(words, start) for words in texts(sample, name) for start in range(len(words))
    )


def near(first: str, second: str, distance: int, name: str = "any") -> Test:
    """Whether two words stand in one text with at most so many words between them."""

    def is_near(words: list[str]) -> bool:
        places = [
            [n for n, word in enumerate(words) if word == fold(each)] for each in (first, second)
        ]
        return any(a != b and abs(a - b) - 1 <= distance for a in places[0] for b in places[1])

    return lambda sample: any(is_near(words) for words in texts(sample, name))


def both(*tests: Test) -> Test:
    return lambda sample: all(test(sample) for test in tests)


def either(*tests: Test) -> Test:
    return lambda sample: any(test(sample) for test in tests)


def without(test: Test) -> Test:
    return lambda sample: not test(sample)


def of_site(site: str) -> Test:
    return lambda sample: sample.site == site


def in_category(name: str) -> Test:
    return lambda sample: sample.category == name


CASES: dict[str, Test] = {
    # words and phrases, in any spelling
    "duong": has("duong"),
    "đường": has("duong"),
    "ĐUONG": has("duong"),
    "dương": has("duong"),
    "đường sắt": both(has("duong"), has("sat")),
    '"đường sắt"': has("duong sat"),
    '"duong sat"': has("duong sat"),
    "“ĐƯỜNG SẮT”": has("duong sat"),
    "khẩu-trang": has("khau trang"),
    "covid-19": has("covid 19"),
    "5g": has("5g"),
    "do dung": both(has("do"), has("dung")),
    "dien NOT dien-luc": both(has("dien"), without(has("dien luc"))),
    # AND, OR, NOT
    "gạo AND lúa": both(has("gao"), has("lua")),
    "gạo OR lúa": either(has("gao"), has("lua")),
    "gạo -lúa": both(has("gao"), without(has("lua"))),
    "gạo NOT lúa": both(has("gao"), without(has("lua"))),
    "gạo AND NOT lúa": both(has("gao"), without(has("lua"))),
    "gạo -lúa -giá": both(has("gao"), without(has("lua")), without(has("gia"))),
    "-gạo": without(has("gao")),
    "-gạo -lúa": both(without(has("gao")), without(has("lua"))),
    "NOT (gạo OR lúa)": without(either(has("gao"), has("lua"))),
    "NOT NOT gạo": has("gao"),
    "gạo OR -lúa": either(has("gao"), without(has("lua"))),
    "gạo lúa OR giá": either(both(has("gao"), has("lua")), has("gia")),
    "gạo OR lúa giá": either(has("gao"), both(has("lua"), has("gia"))),
    "(gạo OR lúa) giá": both(either(has("gao"), has("lua")), has("gia")),
    "gạo OR lúa -giá": either(has("gao"), both(has("lua"), without(has("gia")))),
    "gạo (-lúa OR giá)": both(has("gao"), either(without(has("lua")), has("gia"))),
    '-"đường sắt" đường': both(without(has("duong sat")), has("duong")),
    # prefixes
    "xua*": has("xua*"),
    "đ*": has("d*"),
    "kha* -khau": both(has("kha*"), without(has("khau"))),
    '"xuat kha"*': has("xuat kha*"),
    "title:du*": has("du*", "title"),
    # fields
    "title:gạo": has("gao", "title"),
    "TITLE:duong": has("duong", "title"),
    "title:đường": has("duong", "title"),
    "summary:do": has("do", "summary"),
    "body:dien": has("dien", "body"),
    'title:"duong sat"': has("duong sat", "title"),
    "title:(gạo OR lúa)": either(has("gao", "title"), has("lua", "title")),
    "title:(gạo -lúa)": both(has("gao", "title"), without(has("lua", "title"))),
    "title:gạo body:giá": both(has("gao", "title"), has("gia", "body")),
    "-title:gạo gạo": both(without(has("gao", "title")), has("gao")),
    "author:minh": has("minh", "author"),
    'author:"minh anh"': has("minh anh", "author"),
    'author:"anh trần"': has("anh tran", "author"),
    "author:dinh": has("dinh", "author"),
    "author:đỗ OR author:do": has("do", "author"),
    'tag:"tai chinh"': has("tai chinh", "tag"),
    "tag:đường": has("duong", "tag"),
    "tag:chính -tag:tài": both(has("chinh", "tag"), without(has("tai", "tag"))),
    "site:other gạo": both(of_site("other"), has("gao")),
    "site:other OR title:gạo": either(of_site("other"), has("gao", "title")),
    "-site:other": of_site("paper"),
    'category:"kinh te" gạo': both(in_category("Kinh tế"), has("gao")),
    "-category:kinh-te": without(in_category("Kinh tế")),
    'category:"đời sống" OR author:hoa': either(in_category("Đời sống"), has("hoa", "author")),
    # NEAR
    "gạo NEAR/0 giá": near("gao", "gia", 0),
    "gạo NEAR/3 giá": near("gao", "gia", 3),
    "duong NEAR/2 dien": near("duong", "dien", 2),
    "title:(gạo NEAR/1 giá)": near("gao", "gia", 1, "title"),
    "gạo NEAR giá -lúa": both(near("gao", "gia", 10), without(has("lua"))),
    # no queries: their words are searched
    "gạo OR": both(has("gao"), has("or")),
    "(gạo": has("gao"),
    'gạo "lúa': both(has("gao"), has("lua")),
    "gạo)": has("gao"),
    "g*o": both(has("g"), has("o")),
    "title:site:gạo": both(has("title"), has("site"), has("gao")),
    "NEAR/5 gạo": both(has("near"), has("5"), has("gao")),
    "gạo:lúa": has("gao lua"),
    "gạo & lúa | giá": both(has("gao"), has("lua"), has("gia")),
}


def fill(folder: Path, articles: Sequence[Sample]) -> None:
    """Makes an archive of these articles, whose ids are 1, 2, 3, ..."""
    with Store(folder) as store:
        ids: dict[tuple[str, str | None], int] = {}
        for site in SITES:
            store.db.execute(
                "INSERT INTO sites (site, name, domain) VALUES (?, ?, '')", (site, site)
            )
            for name in CATEGORIES:
                key = slugify(name)
                store.db.execute(
                    "INSERT INTO categories (site, key, slug, name) VALUES (?, ?, ?, ?)",
                    (site, key, key, name),
                )
                ids[site, name] = store.db.execute("SELECT last_insert_rowid()").fetchone()[0]
        store.db.execute("BEGIN")
        for number, each in enumerate(articles, 1):
            store.db.execute(
                "INSERT INTO articles (id, site, key, url, state, title, summary, authors, tags,"
                " category_id, first_seen_at, last_seen_at, revision)"
                " VALUES (?, ?, ?, '', 'stored', ?, ?, ?, ?, ?, '', '', 1)",
                (
                    number,
                    each.site,
                    str(number),
                    each.title,
                    each.summary,
                    json.dumps(each.authors, ensure_ascii=False),
                    json.dumps(each.tags, ensure_ascii=False),
                    ids.get((each.site, each.category)),
                ),
            )
            store.db.execute("INSERT INTO bodies VALUES (?, ?)", (number, each.body))
        store.db.execute("COMMIT")
