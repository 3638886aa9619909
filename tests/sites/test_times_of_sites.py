"""All forms of times that sites print, parsed with the site file: SITE, place, text, instant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newscrawl.core.records import Timestamp
from newscrawl.core.times import compile_formats, parse_time
from newscrawl.sites.loading import load_site

NOW = datetime(2026, 9, 5, 15, 0, tzinfo=UTC)  # 22:00 in Hanoi: when most of the pages were saved

FORMS = [
    ("bnews", "page", "16:22' - 04/09/2026", "2026-09-04T16:22:00+07:00"),
    ("bnews", "page", "16:22&#39; - 04/09/2026", "2026-09-04T16:22:00+07:00"),
    ("bnews", "page", "11:34' - 22/11/2022", "2022-11-22T11:34:00+07:00"),
    ("bnews", "feed", "Fri, 04 Sep 2026 16:22:56 +0700", "2026-09-04T16:22:56+07:00"),
    ("vietstock", "feed", "Fri, 04 Sep 2026 16:22:56 +0700", "2026-09-04T16:22:56+07:00"),
    ("nguoiquansat", "feed", "Fri, 04 Sep 2026 16:22:56 +0700", "2026-09-04T16:22:56+07:00"),
    ("vietnamnet", "feed", "Fri, 04 Sep 2026 16:22:56 +0700", "2026-09-04T16:22:56+07:00"),
    ("bnews", "page", "2026-09-04T16:22:56+07:00", "2026-09-04T16:22:56+07:00"),
    ("bnews", "sitemap", "2026-09-05T22:57:40Z", "2026-09-06T05:57:40+07:00"),
    ("cafef", "page", "05-09-2026 - 17:09 PM", "2026-09-05T17:09:00+07:00"),
    ("cafef", "page", "07-03-2026 - 00:01 AM", "2026-03-07T00:01:00+07:00"),
    ("cafef", "page", "2026-09-05T17:09:00", "2026-09-05T17:09:00+07:00"),
    ("vietnambiz", "page", "2026-09-05T17:09:00", "2026-09-05T17:09:00+07:00"),
    ("vtv", "page", "2026-09-05T17:09:00", "2026-09-05T17:09:00+07:00"),
    ("cafef", "page", "16:48 , 05/09/2026", "2026-09-05T16:48:00+07:00"),
    ("cafef", "feed", "Sat, 05 Sep 26 17:09:00 +0700", "2026-09-05T17:09:00+07:00"),
    ("cafef", "page", "Thứ 7, 05/09/2026, 23:04", "2026-09-05T23:04:00+07:00"),
    ("cafef", "page", "05/09/2026 23:04", "2026-09-05T23:04:00+07:00"),
    ("tinnhanhchungkhoan", "page", "05/09/2026 23:04", "2026-09-05T23:04:00+07:00"),
    ("baochinhphu", "page", "05/09/2026 23:04", "2026-09-05T23:04:00+07:00"),
    ("tienphong", "page", "05/09/2026 23:04", "2026-09-05T23:04:00+07:00"),
    ("vietnamplus", "page", "05/09/2026 23:04", "2026-09-05T23:04:00+07:00"),
    ("thanhnien", "page", "05/09/2026 23:04", "2026-09-05T23:04:00+07:00"),
    ("vietnambiz", "page", "18:48 | 04/09/2026", "2026-09-04T18:48:00+07:00"),
    ("vietnambiz", "feed", "Fri, 04 Sep 2026 18:48:27 GMT+7", "2026-09-04T18:48:27+07:00"),
    ("vietnambiz", "page", "07-08-2026", "2026-08-07"),
    ("nguoiquansat", "page", "05/09/2026 - 22:17", "2026-09-05T22:17:00+07:00"),
    ("nguoiquansat", "page", "14/08/2026 19:26", "2026-08-14T19:26:00+07:00"),
    ("nguoiquansat", "page", "15-01-2024 13:04", "2024-01-15T13:04:00+07:00"),
    ("nguoiquansat", "page", "9/5/2026 10:17:01 PM", "2026-09-05T22:17:01+07:00"),
    ("nguoiquansat", "page", "2026-09-05T22:17:01Z", "2026-09-05T22:17:01+07:00"),
    ("tinnhanhchungkhoan", "page", "2026-09-05T09:18:48+0700", "2026-09-05T09:18:48+07:00"),
    ("vneconomy", "page", "09:43, 04/09/2026", "2026-09-04T09:43:00+07:00"),
    ("vneconomy", "page", "2026-09-04T09:43:06&#x2B;07:00", "2026-09-04T09:43:06+07:00"),
    ("baochinhphu", "page", "2026-09-04T09:43:06&#x2B;07:00", "2026-09-04T09:43:06+07:00"),
    ("vneconomy", "feed", "Fri, 04 Sep 2026 02:43:06 GMT", "2026-09-04T09:43:06+07:00"),
    ("baochinhphu", "feed", "9/5/2026 1:30:00 PM", "2026-09-05T13:30:00+07:00"),
    ("baochinhphu", "page", "26/02/2026 12:00", "2026-02-26T12:00:00+07:00"),
    ("baochinhphu", "page", "2/26/2026 12:00:00 PM", "2026-02-26T12:00:00+07:00"),
    ("vietstock", "page", "05-09-2026 20:32:00+07:00", "2026-09-05T20:32:00+07:00"),
    ("vietstock", "page", "- 19:30 05/09/2026", "2026-09-05T19:30:00+07:00"),
    ("vietstock", "page", "05/09 08:25", "2026-09-05T08:25:00+07:00"),
    ("vietstock", "page", "07/09 08:25", "2025-09-07T08:25:00+07:00"),  # two days ahead: it is last year's
    ("vietstock", "page", "2 giờ trước", "2026-09-05"),
    ("znews", "page", "3 giờ trước", "2026-09-05"),
    ("vnexpress", "page", "Thứ bảy, 7/3/2026, 00:05 (GMT+7)", "2026-03-07T00:05:00+07:00"),
    ("vnexpress", "page", "Thứ tư, 22/10/2025, 19:25 (GMT+7)", "2025-10-22T19:25:00+07:00"),
    ("vnexpress", "page", "1772789449", "2026-03-06T16:30:49+07:00"),
    ("dantri", "page", "Thứ bảy, 07/03/2026 - 08:07", "2026-03-07T08:07:00+07:00"),
    ("dantri", "page", "2026-03-07 08:07", "2026-03-07T08:07:00+07:00"),
    ("tuoitre", "page", "07/03/2026 08:01 GMT+7", "2026-03-07T08:01:00+07:00"),
    ("nld", "page", "07/03/2026 08:01 GMT+7", "2026-03-07T08:01:00+07:00"),
    ("thanhnien", "page", "07/03/2026 08:01 GMT+7", "2026-03-07T08:01:00+07:00"),
    ("vtv", "page", "07/03/2026 08:01 GMT+7", "2026-03-07T08:01:00+07:00"),
    ("vietnamnet", "page", "Thứ Bảy, 07/03/2026 - 08:52", "2026-03-07T08:52:00+07:00"),
    ("vietnamnet", "page", "07/03/2026 08:52 (GMT+07:00)", "2026-03-07T08:52:00+07:00"),
    ("vietnamnet", "page", "2026-03-07T08:52:11.000 +07:00", "2026-03-07T08:52:11+07:00"),
    ("baodautu", "page", "- 07/03/2026 08:47", "2026-03-07T08:47:00+07:00"),
    ("baotintuc", "page", "Thứ Năm, 16/07/2026 17:17\u00a0|\u00a0Thế giới", "2026-07-16T17:17:00+07:00"),
    ("nhandan", "page", "Thứ Hai, ngày 20/07/2026 - 06:31", "2026-07-20T06:31:00+07:00"),
    ("vov", "page", "Thứ Năm, 08:46, 16/07/2026", "2026-07-16T08:46:00+07:00"),
    ("znews", "page", "Thứ sáu, 17/7/2026 00:00 (GMT+7)", "2026-07-17T00:00:00+07:00"),
    ("znews", "page", "2026-07-17T00:00:29.000+07:00", "2026-07-17T00:00:29+07:00"),
    ("znews", "page", "16:20 16/7/2026", "2026-07-16T16:20:00+07:00"),
    ("vnexpress", "page", "Thứ năm, 20/12/2012, 10:18 GMT+7", "2012-12-20T10:18:00+07:00"),
    ("vnexpress", "page", "| 26/12/2012", "2012-12-26"),
    ("dantri", "page", "Thứ Ba, 25/12/2012 - 10:03", "2012-12-25T10:03:00+07:00"),
    ("nld", "page", "Thứ Tư, 26/12/2012 17:14", "2012-12-26T17:14:00+07:00"),
    ("znews", "2012", "| Cập nhật thứ hai, ngày 24/12/12 11:05 tối", "2012-12-24T23:05:00+07:00"),
    ("vnexpress", "page", "Thứ Hai, 24/12/2012, 03:04 AM (GMT+7)", "2012-12-24T03:04:00+07:00"),
    ("bnews", "page", "22/07/2014 09:16", "2014-07-22T09:16:00+07:00"),
    ("baodautu", "page", "Thứ Bảy, Ngày 07 tháng 03 năm 2026, ", "2026-03-07"),
]  # fmt: skip


def read(name: str, where: str, raw: str, now: datetime | None = NOW) -> Timestamp:
    """As the code does it: a rule's own formats come before the site's."""
    model = (site := load_site(name)).model
    own: tuple[str, ...] = ()
    if where == "feed":
        own = model.feeds.formats
    elif where == "sitemap" and model.sitemap is not None:
        own = model.sitemap.formats
    elif where not in ("page", "sitemap"):
        own = next(one.fields["published"].formats for one in model.template if one.name == where)
    return parse_time(raw, formats=compile_formats((*own, *model.formats)), zone=site.zone, now=now)


@pytest.mark.parametrize(("name", "where", "raw", "expected"), FORMS)
def test_form(name: str, where: str, raw: str, expected: str) -> None:
    stamp = read(name, where, raw)
    assert (stamp.local, stamp.utc) == (
        expected,
        datetime.fromisoformat(expected) if "T" in expected else None,
    )


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("bnews", "16:22"),  # a clock without a date
        ("vietstock", "05/09 08:25"),  # a year is only known with the fetch
        ("vietstock", "2 giờ trước"),
        ("cafef", "18826030622484142"),  # ids: the moment of creation
        ("vtv", "100260717183037249"),
        ("baotintuc", "20260716171712046"),
    ],
)
def test_a_text_that_names_no_instant_has_no_value(name: str, raw: str) -> None:
    stamp = read(name, "page", raw, now=None)
    assert (stamp.utc, stamp.local) == (None, None)
    assert stamp.problem is not None
