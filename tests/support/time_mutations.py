"""Printed times, damaged: strings whose right answer is known without newscrawl's reading of them.

A string is made of numbers that are known, in a form that a site prints, and changed in a way whose meaning is
known: other separators, impossible days, a twelve-hour clock, zones, a second date. Where single characters are
changed at random, what the string still says is decided by its groups of digits alone (`literal`): the same number
of them, each of a width that its place may have, or else nothing.

`reading` is the instant that the string names, or None. An answer is right if it is that instant, or none at all.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SEED = 20260905
COUNT = 10_000

# Forms that sites print, each with a site that prints it; the letters are day, month, year, hour, minute, second.
FORMS = (
    ("bnews", "{h}:{m}' - {D}/{M}/{Y}"),
    ("bnews", "{h}:{m}&#39; - {D}/{M}/{Y}"),
    ("bnews", "{Y}-{M}-{D}T{h}:{m}:{s}+07:00"),
    ("cafef", "{h}:{m} , {D}/{M}/{Y}"),
    ("cafef", "{D}-{M}-{Y} - {h}:{m}"),
    ("cafef", "Thứ 7, {D}/{M}/{Y}, {h}:{m}"),
    ("cafef", "{Y}-{M}-{D}T{h}:{m}:{s}"),
    ("tinnhanhchungkhoan", "{D}/{M}/{Y} {h}:{m}"),
    ("tinnhanhchungkhoan", "{Y}-{M}-{D}T{h}:{m}:{s}+0700"),
    ("vietnambiz", "{h}:{m} | {D}/{M}/{Y}"),
    ("nguoiquansat", "{D}/{M}/{Y} - {h}:{m}"),
    ("nguoiquansat", "{D}-{M}-{Y} {h}:{m}"),
    ("vneconomy", "{h}:{m}, {D}/{M}/{Y}"),
    ("vneconomy", "{Y}-{M}-{D}T{h}:{m}:{s}&#x2B;07:00"),
    ("baochinhphu", "{D}/{M}/{Y} {h}:{m}"),
    ("vietstock", "{D}-{M}-{Y} {h}:{m}:{s}+07:00"),
    ("vietstock", "- {h}:{m} {D}/{M}/{Y}"),
    ("vnexpress", "Thứ bảy, {D}/{M}/{Y}, {h}:{m} (GMT+7)"),
    ("dantri", "Thứ bảy, {D}/{M}/{Y} - {h}:{m}"),
    ("dantri", "{Y}-{M}-{D} {h}:{m}"),
    ("tuoitre", "{D}/{M}/{Y} {h}:{m} GMT+7"),
    ("vietnamnet", "Thứ Bảy, {D}/{M}/{Y} - {h}:{m}"),
    ("vietnamnet", "{D}/{M}/{Y} {h}:{m} (GMT+07:00)"),
    ("vietnamnet", "{Y}-{M}-{D}T{h}:{m}:{s}.000 +07:00"),
    ("baodautu", "- {D}/{M}/{Y} {h}:{m}"),
    ("baotintuc", "Thứ Năm, {D}/{M}/{Y} {h}:{m}"),
    ("nhandan", "Thứ Hai, ngày {D}/{M}/{Y} - {h}:{m}"),
    ("vov", "Thứ Năm, {h}:{m}, {D}/{M}/{Y}"),
    ("znews", "Thứ sáu, {D}/{M}/{Y} {h}:{m} (GMT+7)"),
    ("znews", "{h}:{m} {D}/{M}/{Y}"),
)
PLACE = re.compile(r"\{([DMYhms])\}")
OFFSET = re.compile(r"([+-])([0-9]{1,2})(?::?([0-9]{2}))?\)?$")
WEEKDAYS = (
    "Thứ Hai",
    "thứ ba",
    "Thứ Tư",
    "Thứ Năm",
    "Thứ sáu",
    "Thứ Bảy",
    "Chủ Nhật",
    "CN",
    "T7",
    "Thứ 6",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A string, the site on which it stands, what was done to it, and the instant that it names (None: none)."""

    family: str
    site: str
    text: str
    reading: datetime | None


@dataclass(frozen=True, slots=True)
class Form:
    """A site's form with one moment in it."""

    site: str
    form: str
    moment: datetime

    def text(self, **other: str) -> str:
        """The moment printed, some of its numbers as given."""
        at = self.moment
        known = {
            "D": f"{at:%d}",
            "M": f"{at:%m}",
            "Y": f"{at:%Y}",
            "h": f"{at:%H}",
            "m": f"{at:%M}",
            "s": f"{at:%S}",
        }
        return self.form.format(**known | other)

    @property
    def reading(self) -> datetime:
        """What it says: seconds only where the form has them."""
        return self.moment if "s" in PLACE.findall(self.form) else self.moment.replace(second=0)

    @property
    def iso(self) -> bool:
        return self.form.startswith("{Y}")


def mutations(count: int = COUNT, seed: int = SEED) -> Iterator[Case]:
    """The same `count` cases every time, all families in turn."""
    rng = random.Random(seed)
    for number in range(count):
        site, form = rng.choice(FORMS)
        start = datetime(1998, 1, 1, tzinfo=HANOI)
        moment = start + timedelta(seconds=rng.randrange(28 * 365 * 86_400))
        family = FAMILIES[number % len(FAMILIES)]
        text, reading = family(Form(site, form, moment), rng)
        yield Case(family.__name__, site, text, reading)


def is_right(case: Case, utc: datetime | None) -> bool:
    """Whether an answer is the instant that the string names, or none."""
    return utc is None or (case.reading is not None and utc == case.reading.astimezone(UTC))


Answer = tuple[str, datetime | None]


def unchanged(form: Form, rng: random.Random) -> Answer:
    return form.text(), form.reading


def other_separators(form: Form, rng: random.Random) -> Answer:
    return (form.text() if form.iso else form.text().replace("/", rng.choice(".-"))), form.reading


def no_leading_zeros(form: Form, rng: random.Random) -> Answer:
    at = form.moment
    return form.text(D=str(at.day), M=str(at.month), h=str(at.hour)), form.reading


def impossible_day(form: Form, rng: random.Random) -> Answer:
    day, month = rng.choice(("31 02", "30 02", "31 04", "32 01", "00 05", "10 13", "13 00")).split()
    return form.text(D=day, M=month), None


def impossible_clock(form: Form, rng: random.Random) -> Answer:
    hour, minute = rng.choice(
        (("24", "10"), ("25", "00"), ("10", "60"), ("12", "99"), ("99", "30"))
    )
    return form.text(h=hour, m=minute), None


def weekday_added(form: Form, rng: random.Random) -> Answer:
    return f"{rng.choice(WEEKDAYS)}{rng.choice((', ', ' ', ' - '))}{form.text()}", form.reading


def twelve_hours(form: Form, rng: random.Random) -> Answer:
    """`7:15 tối`; the part of the day decides, and it is a word that fits the hour."""
    hour = form.moment.hour
    words = (
        ("PM", "CH", "chiều")
        if 12 <= hour < 18
        else ("PM", "CH", "tối")
        if hour >= 18
        else ("AM", "SA", "sáng")
    )
    text = f"{form.moment:%d/%m/%Y} {hour % 12 or 12}:{form.moment:%M} {rng.choice(words)}"
    return text, form.moment.replace(second=0)


def zone_added(form: Form, rng: random.Random) -> Answer:
    hours = rng.randrange(-11, 15)
    sign = "-" if hours < 0 else "+"
    short, long = f"GMT{sign}{abs(hours)}", f"{sign}{abs(hours):02}:00"
    zone = rng.choice((short, f"({short})", f"UTC{long}", f"(GMT{long})"))
    wall = form.moment.replace(second=0, tzinfo=timezone(timedelta(hours=hours)))
    return f"{wall:%d/%m/%Y %H:%M} {zone}", wall


def zone_that_is_nowhere(form: Form, rng: random.Random) -> Answer:
    zone = rng.choice(("GMT+77", "+25:00", "GMT+7:99", "UTC-19", "GMT++7", "+7:"))
    return f"{form.moment:%d/%m/%Y %H:%M} {zone}", None


def short_year(form: Form, rng: random.Random) -> Answer:
    year = f"{form.moment.year}"
    return form.text(Y=rng.choice((year[:3], year[2:], year[1:], year[:2], ""))), None


def long_year(form: Form, rng: random.Random) -> Answer:
    return form.text(Y=f"{form.moment.year}{rng.randrange(10)}"), None


def doubled_digit(form: Form, rng: random.Random) -> Answer:
    """A number of two digits becomes one of three: it is no day, hour or minute."""
    place = rng.choice([one for one in "DMhm" if one in PLACE.findall(form.form)])
    digits = Form("", f"{{{place}}}", form.moment).text()
    return form.text(
        **{place: digits[0] + digits if rng.random() < 0.5 else digits + digits[1]}
    ), None


def words_around(form: Form, rng: random.Random) -> Answer:
    before = rng.choice(
        ("Cập nhật: ", "Đăng lúc ", "Theo Người Mẫu ", "Tin mới | ", "Lúc ", "Hà Nội, ", "")
    )
    after = rng.choice(
        (" | Đời sống", " Xã hội", "\u00a0|\u00a0Thế giới", " (theo giờ Việt Nam)", " .", "")
    )
    return before + form.text() + after, form.reading


def range_of_days(form: Form, rng: random.Random) -> Answer:
    later = form.moment + timedelta(days=rng.randrange(1, 9))
    return (
        f"{form.moment:%d/%m/%Y}{rng.choice((' - ', ' đến ', '–', ' tới '))}{later:%d/%m/%Y}",
        None,
    )


def range_of_hours(form: Form, rng: random.Random) -> Answer:
    later = form.moment + timedelta(hours=rng.randrange(1, 5))
    between = rng.choice((" - ", "-", " đến "))
    day = f"{form.moment:%d/%m/%Y}"
    hours = f"{form.moment:%H:%M}{between}{later:%H:%M}"
    return rng.choice((f"{hours} {day}", f"{day} {hours}", f"{hours}, {day}")), None


def two_dates(form: Form, rng: random.Random) -> Answer:
    other = form.moment + timedelta(days=rng.randrange(1, 400), minutes=7)
    between = rng.choice((", cập nhật ", " ", " | ", " - ", "; "))
    return form.text() + between + f"{other:%d/%m/%Y %H:%M}", None


def other_digits(form: Form, rng: random.Random) -> Answer:
    zero = rng.choice((0x0660, 0xFF10, 0x06F0, 0x0966))
    table = {ord("0") + digit: chr(zero + digit) for digit in range(10)}
    return form.text().replace("&#39;", "'").replace("&#x2B;", "+").translate(table), form.reading


def other_spaces(form: Form, rng: random.Random) -> Answer:
    space = rng.choice(("\u00a0", "\u2009", "\u3000", "\t", "\n  ", "\u202f", "  "))
    return f"{space}{form.text().replace(' ', space)}{space}\u200b", form.reading


def digits_of_an_id(form: Form, rng: random.Random) -> Answer:
    prefix = rng.choice(("188", "196", "102", "100", "185", "20"))
    return f"{prefix}{form.moment:%y%m%d%H%M%S}{rng.randrange(1000)}", None


def seconds_damaged(form: Form, rng: random.Random) -> Answer:
    """Seconds since 1970 with a digit too many or too few: no instant, or long ago."""
    digits = str(int(form.moment.timestamp()))
    place = rng.randrange(len(digits))
    return rng.choice(
        (digits[:place] + digits[place] + digits[place:], digits[:5], digits + digits[-2:])
    ), None


def clock_only(form: Form, rng: random.Random) -> Answer:
    return f"{form.moment:%H:%M}{rng.choice(('', chr(39), ' GMT+7', ' PM'))}", None


def day_only(form: Form, rng: random.Random) -> Answer:
    """A day is no instant."""
    return f"{form.moment:%d/%m/%Y}{rng.choice(('', ', ', ' |'))}", None


def mixed_separators(form: Form, rng: random.Random) -> Answer:
    at = form.moment
    one, other = rng.sample("/-.", 2)
    return f"{at:%d}{one}{at:%m}{other}{at:%Y} {at:%H:%M}", at.replace(second=0)


def feed_time(form: Form, rng: random.Random) -> Answer:
    """RFC 2822, its month perhaps misspelt, its zone perhaps one that nobody knows."""
    zone, hours = rng.choice(
        (("+0700", 7), ("GMT+7", 7), ("GMT", 0), ("EST", -5), ("-0330", -3.5), ("XYZ", None))
    )
    month = rng.choice((f"{form.moment:%b}", f"{form.moment:%B}", f"{form.moment:%b}x", "Foo"))
    text = f"{form.moment:%a, %d} {month} {form.moment:%Y %H:%M:%S} {zone}"
    if hours is None or month not in (f"{form.moment:%b}", f"{form.moment:%B}"):
        return text, None
    return text, form.moment.replace(tzinfo=timezone(timedelta(hours=hours)))


def character_changed(form: Form, rng: random.Random) -> Answer:
    """One or two characters taken out, put in, replaced or exchanged; see `literal`."""
    text = form.text().replace("&#39;", "'").replace("&#x2B;", "+")
    for _ in range(rng.randrange(1, 3)):
        place = rng.randrange(len(text) - 1)
        sign = rng.choice("0123456789/:-., |'T")
        text = rng.choice((
            text[:place] + text[place + 1 :],
            text[:place] + sign + text[place:],
            text[:place] + sign + text[place + 1 :],
            text[:place] + text[place + 1] + text[place] + text[place + 2 :],
        ))  # fmt: skip
    return text, literal(form, text)


def literal(form: Form, text: str) -> datetime | None:
    """What the digits of a text say in the order of a form; None where they are not those of a moment."""
    pattern = form.form.replace("&#39;", "'").replace("&#x2B;", "+")
    zone: tzinfo | None = HANOI
    if OFFSET.search(pattern):
        pattern, (text, zone) = OFFSET.sub("", pattern), _without_offset(text)
    text = re.sub(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?=[0-9]{2}:)", r"\1 ", text)
    places = [
        found[1] or found.group() for found in re.finditer(rf"{PLACE.pattern}|[0-9]+", pattern)
    ]
    groups = re.findall(r"[0-9]+", text)
    if zone is None or len(places) != len(groups):
        return None
    number: dict[str, int] = {}
    for place, digits in zip(places, groups, strict=True):
        if place.isdigit():
            continue  # a weekday's number, or a fraction of a second: it says nothing
        if len(digits) != 4 if place == "Y" else len(digits) > 2:
            return None
        number[place] = int(digits)
    try:
        day = datetime(number["Y"], number["M"], number["D"], tzinfo=zone)
        return day.replace(hour=number["h"], minute=number["m"], second=number.get("s", 0))
    except ValueError:
        return None


def _without_offset(text: str) -> tuple[str, timezone | None]:
    """A text before its offset, and the offset; None for one that is nowhere on earth."""
    found = OFFSET.search(text)
    minutes = int(found[2]) * 60 + int(found[3] or 0) if found else 0
    if found is None or minutes > 14 * 60:
        return text, None
    return text[: found.start()], timezone(
        (1 if found[1] == "+" else -1) * timedelta(minutes=minutes)
    )


FAMILIES: tuple[Callable[[Form, random.Random], Answer], ...] = (
    unchanged, other_separators, no_leading_zeros, impossible_day, impossible_clock, weekday_added, twelve_hours,
    zone_added, zone_that_is_nowhere, short_year, long_year, doubled_digit, words_around, range_of_days,
    range_of_hours, two_dates, other_digits, other_spaces, digits_of_an_id, seconds_damaged, clock_only, day_only,
    mixed_separators, feed_time, character_changed, character_changed, character_changed,
)  # fmt: skip
