"""Kinds of edits, on invented Vietnamese and English texts."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from newscrawl.core.edits import EditKind, NumberChange, Version, classify, same_moment

BODY = "Sản lượng thép tháng 8 đạt 12,5 triệu tấn, tăng 4% so với tháng 7.\n\nGiá bán không đổi.\n\nTheo hiệp hội thép."
OLD = Version(
    title="Thép tăng 4%",
    summary="Tin trong ngày",
    body=BODY,
    authors=("An",),
    published="2026-09-01T10:00:00+07:00",
    published_source="page",
    modified="2026-09-01T03:00:00Z",
)
LATER = "2026-09-02T03:00:00Z"


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({}, ()),
        ({"title": " Thép  tăng 4%", "body": BODY.replace(" ", "  ")}, ()),
        ({"title": "Thép tăng mạnh"}, ("headline",)),
        ({"title": "Thép tăng 5%"}, ("headline", "numbers")),
        ({"summary": "Tin hôm nay"}, ("summary",)),
        ({"body": BODY.replace("12,5", "13")}, ("numbers",)),
        ({"body": BODY.replace("tăng 4%", "giảm 3%")}, ("numbers", "reworded")),
        ({"body": BODY.replace("không đổi", "đứng yên")}, ("reworded",)),
        ({"body": BODY + "\n\nMột đoạn mới."}, ("added",)),
        ({"body": BODY.replace("Giá bán không đổi.\n\n", "")}, ("taken_out",)),
        ({"body": BODY.replace("Giá bán không đổi.", "Giá bán hầu như không đổi.")}, ("added",)),
        ({"body": None}, ("taken_out",)),
        ({"authors": ("Bình",)}, ("byline",)),
        ({"authors": None}, ()),
        ({"authors": ()}, ()),
        ({"modified": LATER}, ("date_bump",)),
        ({"modified": "2026-08-01T03:00:00Z"}, ()),
        ({"modified": LATER, "title": "Thép"}, ("headline",)),
        ({"modified": LATER, "authors": ("Bình",)}, ("byline",)),
        ({"published": "2026-09-02T10:00:00+07:00"}, ("redated", "date_bump")),
        ({"published": "2026-08-30T10:00:00+07:00"}, ("redated",)),
        ({"published": "2026-09-01T10:00:41+07:00"}, ()),
        ({"published": "2026-09-01T03:00:00+00:00"}, ()),
        ({"published": "2026-09-01"}, ()),
        ({"published": "2026-09-02"}, ("redated", "date_bump")),
        ({"published": "2026-09-02T10:00:00+07:00", "published_source": "json-ld"}, ()),
    ],
)
def test_kinds_of_an_edit(changed: dict[str, str], kinds: tuple[EditKind, ...]) -> None:
    assert classify(OLD, replace(OLD, **changed)).kinds == kinds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Đính chính: con số trên là 13 triệu tấn.",
        "ĐÍNH CHÍNH - Con số trên là 13 triệu tấn.",
        "(Cập nhật: thêm ý kiến của hiệp hội)",
        "Cập nhật lúc 10:30 ngày 2/9.",
        "Bổ sung: hiệp hội đã trả lời.",
        "Bài viết đã được chỉnh sửa theo ý kiến bạn đọc.",
        "Tòa soạn đã cập nhật lại số liệu.",
        "Toà soạn thành thật xin lỗi bạn đọc.",
        "Chúng tôi xin đính chính như sau.",
        "Bản tin trước đã nêu sai con số.",
        "Correction: the figure is 13 million.",
        "Update (10.30am): the association has answered.",
        "UPDATED at 10.30",
        "An earlier version of this article gave a wrong figure.",
        "This story has been corrected.",
        "Editor’s note: the figure was wrong.",
        "We regret the error.",
    ],
)
def test_a_new_notice_is_a_correction(text: str) -> None:
    edit = classify(OLD, replace(OLD, body=f"{BODY}\n\n{text}"))
    assert (edit.kinds, edit.notice) == (("added", "correction"), text)


@pytest.mark.parametrize(
    "text",
    [
        "Công ty đã đính chính thông tin với cổ đông.",
        "Bộ Công Thương cập nhật giá xăng.",
        "Cập nhật bảng giá mới nhất của các đại lý.",
        "The correction on the stock market went on.",
        "Updates are sent by mail.",
    ],
)
def test_a_story_about_corrections_is_not_a_correction(text: str) -> None:
    assert classify(OLD, replace(OLD, body=f"{BODY}\n\n{text}")).kinds == ("added",)


def test_a_notice_that_was_there_before_is_no_correction() -> None:
    old = replace(OLD, body=f"{BODY}\n\nĐính chính: con số là 13.")
    assert classify(old, replace(old, body=f"{old.body}\n\nMột đoạn mới.")).kinds == ("added",)


def test_a_notice_in_the_headline() -> None:
    assert classify(OLD, replace(OLD, title="[Cập nhật] Thép tăng 4%")).kinds == (
        "headline",
        "correction",
    )


def test_the_sentence_of_a_notice_in_a_paragraph() -> None:
    body = BODY.replace("không đổi.", "không đổi. Tòa soạn đã cập nhật số liệu. Xin cảm ơn.")
    assert classify(OLD, replace(OLD, body=body)).notice == "Tòa soạn đã cập nhật số liệu."


def test_numbers_from_and_to_with_what_they_count() -> None:
    new = replace(
        OLD, title="Thép tăng 5%", body=BODY.replace("12,5", "13.000").replace("tháng 7", "tháng 6")
    )
    assert classify(OLD, new).numbers == (
        NumberChange("title", "4", "5", "%"),
        NumberChange("body", "12,5", "13.000", "triệu"),
        NumberChange("body", "7", "6", ""),
    )


def test_a_replaced_sentence_is_not_a_change_of_numbers() -> None:
    other = (
        "Ngày 3/9, một nhà máy khác cho biết đã bán 700 tấn hàng cho các đối tác ở 5 nước châu Âu."
    )
    edit = classify(OLD, replace(OLD, body=BODY.replace(BODY.split("\n\n")[0], other)))
    assert edit.numbers == ()
    assert "reworded" in edit.kinds


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (None, "2026-09-01", True),
        ("2026-09-01T10:00:00+07:00", "2026-09-01T03:00:30+00:00", True),
        ("2026-09-01T10:00:00+07:00", "2026-09-01T10:01:00+07:00", False),
        ("2026-09-01T10:00:00", "2026-09-01T10:00:00+07:00", True),
        ("2026-09", "2026-09-30", True),
    ],
)
def test_times_are_compared_at_the_precision_of_the_coarser(
    one: str | None, other: str | None, same: bool
) -> None:
    assert same_moment(one, other) is same


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("từ " * 60_000, "từ " * 30_000 + "7 " + "từ " * 29_999),
        ("x", "(" * 60_000 + "cập nhật"),
        ("x", "(cập nhật: " * 60_000),
        ("1a" * 100_000, "2a" * 100_000),
        ("1 " + "từ " * 60_000, "2 " + "từ " * 60_000),
        ("5 " * 12 + "\n\n" + "từ " * 60_000, "6 " * 12 + "\n\n" + "từ " * 60_000),
        ("\n\n".join("ab" * 30_000), "\n\n".join("ba" * 20_000)),
    ],
)
def test_long_texts_are_classified_in_time(old: str, new: str) -> None:
    start = time.process_time()
    assert classify(Version(body=old), Version(body=new)).kinds
    assert time.process_time() - start < 3


def test_edit_says_that_it_was_compared_in_a_coarse_way() -> None:
    texts = [" ".join(random.Random(seed).choices("ab", k=20_000)) for seed in (1, 2)]
    assert classify(Version(body=texts[0]), Version(body=texts[1])).coarse
    assert not classify(Version(body="a b"), Version(body="a c")).coarse
