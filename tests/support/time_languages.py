"""Printed times in twenty languages, damaged: what each says is known without newscrawl's reading.

A string is made of a moment, in a form that papers of the language print, and changed in a way whose meaning is
known. An answer is right if it is that moment to the minute, that day alone, or none at all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newscrawl.core.records import TimeLocale, Timestamp

SEED = 20261130
COUNT = 10_000


@dataclass(frozen=True, slots=True)
class Language:
    """How a language prints moments: its months, its forms, and its words for the halves of a day."""

    code: str
    months: str
    forms: tuple[str, ...]
    halves: tuple[str, str] | None = None


LANGUAGES = (
    Language("es", "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
             ("{D} de {B} de {Y} - {h}:{m}", "{D}/{M}/{Y} {h}:{m}h"), ("a. m.", "p. m.")),
    Language("pt", "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
             ("{D} de {B} de {Y}, às {h}h{m}", "{D}/{M}/{Y} {h}h{m}")),
    Language("fr", "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
             ("{D} {B} {Y} à {h}h{m}", "le {D}/{M}/{Y} à {h}:{m}")),
    Language("de", "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
             ("{D}. {B} {Y}, {h}:{m} Uhr", "{D}.{M}.{Y} - {h}:{m} Uhr")),
    Language("it", "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
             ("{D} {B} {Y} ore {h}:{m}", "{D}/{M}/{Y} ore {h}.{m}")),
    Language("nl", "januari februari maart april mei juni juli augustus september oktober november december",
             ("{D} {B} {Y} om {h}:{m} uur", "{D}-{M}-{Y} {h}:{m}")),
    Language("ru", "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
             ("{D} {B} {Y} года, {h}:{m}", "{D}.{M}.{Y} в {h}:{m}")),
    Language("uk", "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
             ("{D} {B} {Y} року, {h}:{m}", "{h}:{m}, {D} {B} {Y}")),
    Language("pl", "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
             ("{D} {B} {Y}, {h}:{m}", "{D}.{M}.{Y} {h}:{m}")),
    Language("cs", "ledna února března dubna května června července srpna září října listopadu prosince",
             ("{D}. {B} {Y} v {h}:{m}", "{D}. {M}. {Y}, {h}:{m}")),
    Language("hr", "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca",
             ("{D}. {B} {Y}. u {h}:{m}",)),
    Language("fi", "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta "
             "lokakuuta marraskuuta joulukuuta", ("{D}. {B} {Y} klo {h}.{m}", "{D}.{M}.{Y} klo {h}.{m}")),
    Language("sv", "januari februari mars april maj juni juli augusti september oktober november december",
             ("{D} {B} {Y} kl {h}:{m}", "{D} {B} {Y} kl. {h}.{m}")),
    Language("hu", "január február március április május június július augusztus szeptember október november december",
             ("{Y}. {B} {D}., {h}:{m}", "{Y}.{M}.{D}. {h}:{m}")),
    Language("tr", "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
             ("{D} {B} {Y} - {h}:{m}", "{D}.{M}.{Y} {h}:{m}")),
    Language("id", "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
             ("{D} {B} {Y} | {h}:{m}", "{D}/{M}/{Y}, {h}:{m}")),
    Language("ar", "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
             ("{D} {B} {Y} - {h}:{m}", "{D}/{M}/{Y} {h}:{m}"), ("ص", "م")),
    Language("hi", "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
             ("{D} {B} {Y}, {h}:{m}",), ("AM", "PM")),
    Language("zh", "1 2 3 4 5 6 7 8 9 10 11 12", ("{Y}年{B}月{D}日 {h}:{m}", "{Y}-{M}-{D} {h}:{m}")),
    Language("ko", "1 2 3 4 5 6 7 8 9 10 11 12", ("{Y}년 {B}월 {D}일 {h}:{m}", "{Y}.{M}.{D} {h}:{m}")),
)  # fmt: skip
YEAR_FIRST = frozenset({"hu", "zh", "ko"})


@dataclass(frozen=True, slots=True)
class Case:
    """A string, how its page prints times, what was done to it, and the moment that it names (None: none)."""

    family: str
    locale: TimeLocale
    text: str
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class Form:
    """A language's form with one moment in it."""

    language: Language
    form: str
    moment: datetime

    def text(self, **other: str) -> str:
        at = self.moment
        known = {
            "D": str(at.day),
            "M": f"{at:%m}",
            "B": self.language.months.split()[at.month - 1],
            "Y": str(at.year),
            "h": f"{at:%H}",
            "m": f"{at:%M}",
        }
        return self.form.format(**known | other)


def mutations(count: int = COUNT, seed: int = SEED) -> Iterator[Case]:
    """The same `count` cases every time, all families in turn."""
    rng = random.Random(seed)
    start = datetime(1998, 1, 1, tzinfo=UTC)
    for number in range(count):
        language = rng.choice(LANGUAGES)
        moment = start + timedelta(minutes=rng.randrange(28 * 365 * 1440))
        form = Form(language, rng.choice(language.forms), moment)
        family = FAMILIES[number % len(FAMILIES)]
        text, meant = family(form, rng)
        locale = TimeLocale(language.code, None if language.code in YEAR_FIRST else True)
        yield Case(family.__name__, locale, text, meant)


def is_right(case: Case, stamp: Timestamp) -> bool:
    """Whether an answer is the moment that the string names, its day alone, or none."""
    if stamp.local is None:
        return True
    if stamp.precision == "day":
        return True  # a day is no instant
    return case.moment is not None and stamp.utc == case.moment


Answer = tuple[str, datetime | None]


def unchanged(form: Form, rng: random.Random) -> Answer:
    return form.text(), form.moment


def words_around(form: Form, rng: random.Random) -> Answer:
    before = rng.choice(("Ada Quill | ", "Foto: Ada Quill, ", "• ", "(", ""))
    return before + form.text() + rng.choice((" | Ada Quill", ") ", ", Ada Quill", "")), form.moment


def impossible_day(form: Form, rng: random.Random) -> Answer:
    return form.text(D=rng.choice(("0", "32", "45", "99"))), None


def impossible_clock(form: Form, rng: random.Random) -> Answer:
    hour, minute = rng.choice((("24", "10"), ("25", "00"), ("10", "60"), ("99", "30")))
    return form.text(h=hour, m=minute), None


def unknown_half_of_the_day(form: Form, rng: random.Random) -> Answer:
    """`9:22 da noite`: the hour as printed is wrong by twelve for half of the day."""
    hour = form.moment.hour
    printed = form.text(h=str(hour % 12 or 12))
    word = rng.choice(
        ("da noite", "abends", "de la tarde", "вечера", "wieczorem", "शाम", "illalla")
    )
    return f"{printed} {word}", form.moment if hour == (hour % 12 or 12) else None


def known_half_of_the_day(form: Form, rng: random.Random) -> Answer:
    hour = form.moment.hour
    halves = form.language.halves or ("a.m.", "p.m.")
    clock = f"{hour % 12 or 12}:{form.moment:%M} {halves[hour >= 12]}"
    day = form.text(h="", m="").rstrip(" :.-,|hU")
    month = form.language.months.split()[form.moment.month - 1]
    named = f"{form.moment.day} {month} {form.moment.year}"
    if form.language.code in YEAR_FIRST or not day:
        return f"{form.moment:%Y-%m-%d} {clock}", form.moment
    return f"{named}, {clock}", form.moment


def short_year(form: Form, rng: random.Random) -> Answer:
    year = str(form.moment.year)
    return form.text(Y=rng.choice((year[:3], year[2:], year[1:], ""))), None


def long_year(form: Form, rng: random.Random) -> Answer:
    return form.text(Y=f"{form.moment.year}{rng.randrange(10)}"), None


def doubled_digit(form: Form, rng: random.Random) -> Answer:
    place = rng.choice("hm")
    digits = form.text()[:0] + (f"{form.moment:%H}" if place == "h" else f"{form.moment:%M}")
    return form.text(**{place: digits + digits[1]}), None


def misspelt_month(form: Form, rng: random.Random) -> Answer:
    if "{B}" not in form.form or form.language.code in YEAR_FIRST:
        return unchanged(form, rng)
    return form.text(B=rng.choice(("Quillember", "xx", "Brumaire", "ﾀﾞ"))), None


def range_of_hours(form: Form, rng: random.Random) -> Answer:
    return f"{form.text()}{rng.choice((' - ', '-', ' – '))}{rng.randrange(24):02}:30", None


def two_dates(form: Form, rng: random.Random) -> Answer:
    other = Form(form.language, form.form, form.moment + timedelta(days=rng.randrange(1, 300)))
    return f"{form.text()}{rng.choice((' | ', ' ', ' - ', '; '))}{other.text()}", None


def zone_added(form: Form, rng: random.Random) -> Answer:
    hours = rng.randrange(-11, 13)
    zone = f"GMT{hours:+d}"
    wall = form.text()
    return f"{wall.removesuffix(' Uhr').removesuffix(' uur')} ({zone})", form.moment - timedelta(
        hours=hours
    )


def other_digits(form: Form, rng: random.Random) -> Answer:
    zero = rng.choice((0x0660, 0xFF10, 0x06F0, 0x0966, 0x09E6))
    return form.text().translate({ord("0") + n: chr(zero + n) for n in range(10)}), form.moment


def other_spaces(form: Form, rng: random.Random) -> Answer:
    return form.text().replace(
        " ", rng.choice(("\u00a0", "\u3000", "\u202f", "  ", "\n"))
    ), form.moment


FAMILIES: tuple[Callable[[Form, random.Random], Answer], ...] = (
    unchanged, words_around, impossible_day, impossible_clock, unknown_half_of_the_day, known_half_of_the_day,
    short_year, long_year, doubled_digit, misspelt_month, range_of_hours, two_dates, zone_added, other_digits,
    other_spaces,
)  # fmt: skip
