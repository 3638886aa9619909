"""Every site file reads its fixtures as their expected.json; see tests/support/site_fixtures.py."""

from __future__ import annotations

import pytest

from newscrawl.sites.loading import available_sites, load_site
from tests.support.site_fixtures import cases, expected, found, kind


@pytest.mark.parametrize(
    ("case", "field"), [(case, field) for case in cases() for field in expected(case)]
)
def test_field(case: str, field: str) -> None:
    assert found(case)[field] == expected(case)[field]


@pytest.mark.parametrize("case", cases())
def test_no_other_field_has_a_value(case: str) -> None:
    assert set(found(case)) == set(expected(case))


@pytest.mark.parametrize("name", sorted(available_sites()))
def test_every_design_has_a_fixture(name: str) -> None:
    model = load_site(name).model
    read = {
        (kind(case), expected(case)["template"]) for case in cases() if case.startswith(f"{name}/")
    }
    articles = {("article", one.name) for one in model.template}
    listings = {
        ("listing", one.name) for one in model.listing if not (one.unverified or model.unverified)
    }
    assert (articles | listings) - read == set()
