"""A few seconds of every target of `fuzzing`: odd pieces put together at random, the same ones in each run."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.fuzzing import TARGETS

PIECES = {
    "times": "now 12 2026 06/08/2026 10:30 T Z +07:00 GMT+7 Thứ năm , ' - phút trước AM 24:00 31/02/2026 १२ hôm nay",
    "addresses": "http:// https: // bnews.vn www.bnews.vn /a /123.html @ \\ : 8443 ? # = % %00 .. [ ] 127.1 file: １",
    "json_ld": '{ } [ ] " : , "@type" "NewsArticle" "@graph" NaN 1e999 \\ null "itemListElement"',
    "pages": '<html> <h1 class="font-42"> </h1> <div class="lr-ct"> <p> </div> <script> <!-- <time> \x00 <a href="',
    "site_files": 'name = " "fuzzed" \n [[template]] [ ] { } extends = "bnews" article_url = \'(?P<id>(a+)+)\' 1',
    "words": '" AND OR NOT NEAR( ) * - ^ : title: đường sắt \x00 \ud800 ( + { } a* \u0301',
    "cells": '= + - @ \t \r \n " , ; \u2028 \ufeff =cmd a',
}


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks(name: str) -> None:
    pieces = st.sampled_from([*PIECES[name].split(" "), " "]) | st.text(max_size=5)

    @settings(
        max_examples=250, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(pieces, max_size=20).map("".join))
    def holds(text: str) -> None:
        TARGETS[name](text)

    holds()
