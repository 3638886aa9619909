"""Lines with a date: those that say something stay in the text, those about the article do not."""

from __future__ import annotations

import pytest

from newscrawl.core.records import TimeLocale
from newscrawl.extract.generic.body import Line, corrected

TEXT = (
    "The council agreed on Tuesday to rebuild the northern pier after worms had eaten its timber."
)
SAID = [
    "2024年3月6日、町は工事費の数字を改めたと発表した。市場の人々は驚いた。",
    "（2024年3月6日訂正：工事費は十二億円でした）",
    "（2024年3月6日訂正：工事費を改めた。完成は来年の春になる。）",
    "2024年3月6日，市议会公布了新的工程费用。",
    "(Correção em 6/3/2024: o custo da obra é de R$ 12 milhões, e não de 10)",
    "(Correção em 6/3/2024: o custo da obra é de R$ 12 milhões, e não de 10.)",
    "On 6 March 2024 the town changed the cost of the works.",
    "Correction, 6 March 2024: an earlier version gave the wrong cost",
]
ABOUT = [
    "2024年3月6日 14:35 更新",
    "公開：2024年3月6日 14:35　更新：2024年3月7日 10:00",
    "2024年3月6日 筆山太郎 記者",
    "Published: 14:35, 6 March 2024 | Updated: 16:00, 6 March 2024",
    "Last updated on 6 March 2024 at 14:35 by Ada Quill.",
    "Por Ana Pena, em 6/3/2024 às 14:35",
]


def read(*lines: str) -> list[str]:
    return corrected([Line(line) for line in lines], set(), {}, "", TimeLocale())


@pytest.mark.parametrize("line", SAID)
def test_a_dated_sentence_stays_in_the_text(line: str) -> None:
    assert read(line, TEXT) == [line, TEXT]
    assert read(TEXT, line) == [TEXT, line]


@pytest.mark.parametrize("line", ABOUT)
def test_a_line_about_the_article_is_no_text(line: str) -> None:
    assert read(line, TEXT) == [TEXT]
    assert read(TEXT, line) == [TEXT]
