"""What data portals read of a release: dataset card, Croissant, schema.org, Data Package, license."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from newscrawl.core.errors import UsageError
from newscrawl.export.release import build as release_build
from newscrawl.export.release.card import LICENSES, front_matter
from newscrawl.export.release.citation import USUAL_LICENSES, Citation, spdx_license
from newscrawl.store.read.export_rows import SUBJECTS
from tests.support.archive_builder import build, newscrawl
from tests.support.crawling import opened, query
from tests.support.living_site import write_site_file

CITATION = ("--title", "Đường sắt: tin", "--author", "Lê, An", "--author", "A: Group")
DATE = ("--date", "2026-11-01")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("archive"))


def built(folder: Path) -> Path:
    """An archive of two sites with their site files."""
    for site in ("paper", "other"):
        write_site_file(folder, site)
    return build(folder)


@pytest.fixture(scope="module")
def dataset(archive: Path) -> Path:
    return released(archive, archive.parent / "dataset", "--license", "cc-by-4.0")


def released(archive: Path, target: Path, *more: str) -> Path:
    done = newscrawl(archive, "release", str(target), *CITATION, *DATE, *more)
    assert done.exit_code == 0, done.stderr
    return target


def json_of(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def card(folder: Path) -> dict[str, Any]:
    """The front matter of README.md."""
    _, front, page = (folder / "README.md").read_text("utf-8").split("---\n", 2)
    assert page.startswith("\n# Đường sắt: tin\n")
    content: dict[str, Any] = yaml.safe_load(front)
    return content


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_card_names_a_file_for_each_configuration(dataset: Path) -> None:
    front = card(dataset)
    assert [entry["config_name"] for entry in front["configs"]] == list(SUBJECTS)
    assert [entry.get("default") for entry in front["configs"]] == [True, None, None, None]
    for entry in front["configs"]:
        assert pq.read_table(dataset / entry["data_files"]).num_rows > 0
    described = {name: front[name] for name in ("pretty_name", "license", "language")}
    assert described == {
        "pretty_name": "Đường sắt: tin",
        "license": "cc-by-4.0",
        "language": ["vi"],
    }


def test_card_without_parquet_names_the_csv_files(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_build, "find_spec", lambda name: None)
    folder = released(archive, tmp_path / "dataset")
    files = [entry["data_files"] for entry in card(folder)["configs"]]
    assert files == [f"csv/{subject}.csv" for subject in SUBJECTS]
    described = json_of(folder / "croissant.json")
    sources = {field["source"]["fileObject"]["@id"] for field in fields(described)}
    assert sources == {f"csv/{name}.csv" for name in (*SUBJECTS, "problems")}


def fields(croissant: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [field for table in croissant["recordSet"] for field in table["field"]]


def test_croissant_describes_every_file_and_column(dataset: Path) -> None:
    described = json_of(dataset / "croissant.json")
    offered = {file["@id"]: file for file in described["distribution"]}
    for name, file in offered.items():
        content = (dataset / name).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert {"newscrawl.db", "csv/problems.csv", "parquet/links.parquet"} <= set(offered)
    for table in described["recordSet"]:
        file = table["field"][0]["source"]["fileObject"]["@id"]
        columns = [field["source"]["extract"]["column"] for field in table["field"]]
        if file.endswith(".parquet"):
            assert columns == pq.read_schema(dataset / file).names
        else:
            assert columns == list((dataset / file).read_text("utf-8").splitlines()[0].split(","))
        ids = {field["@id"] for field in table["field"]}
        assert {key["@id"] for key in table["key"]} <= ids
    repeated = {field["@id"] for field in fields(described) if field.get("repeated")}
    assert repeated == {"articles/authors", "articles/tags"}
    assert [field for field in fields(described) if not field["description"]] == []
    assert described["version"] == "1.0.0"


def test_schema_org_has_what_search_engines_ask_for(dataset: Path) -> None:
    page = json_of(dataset / "dataset.jsonld")
    asked = ("name", "license", "datePublished", "inLanguage", "temporalCoverage")
    assert {name: page[name] for name in asked} == {
        "name": "Đường sắt: tin",
        "license": "https://spdx.org/licenses/CC-BY-4.0.html",
        "datePublished": "2026-11-01",
        "inLanguage": ["vi"],
        "temporalCoverage": "2026-08-07/2026-09-04",
    }
    assert page["creator"] == [
        {"@type": "Person", "name": "An Lê"},
        {"@type": "Organization", "name": "A: Group"},
    ]
    assert 50 <= len(page["description"]) <= 5000
    assert all((dataset / file["contentUrl"]).is_file() for file in page["distribution"])


def test_keys_of_the_data_package_hold(dataset: Path) -> None:
    package = json_of(dataset / "datapackage.json")
    tables = {table["name"]: rows(dataset / table["path"]) for table in package["resources"]}
    for table in package["resources"]:
        schema = table["schema"]
        key = schema["primaryKey"]
        found = [tuple(row[column] for column in key) for row in tables[table["name"]]]
        assert len(set(found)) == len(found), table["name"]
        for reference in schema.get("foreignKeys", ()):
            (column,) = reference["fields"]
            ids = {row["id"] for row in tables["articles"]}
            assert {row[column] for row in tables[table["name"]]} <= ids
    assert references(dataset) == {
        ("links", "source_id"),
        ("links", "target_id"),
        ("listings", "article_id"),
        ("revisions", "article_id"),
    }


def references(folder: Path) -> set[tuple[str, str]]:
    package = json_of(folder / "datapackage.json")
    return {
        (table["name"], reference["fields"][0])
        for table in package["resources"]
        for reference in table["schema"].get("foreignKeys", ())
    }


def test_reference_to_articles_that_are_left_out_is_no_foreign_key(tmp_path: Path) -> None:
    archive = built(tmp_path / "archive")
    with closing(opened(archive)) as db, db:
        db.execute("UPDATE articles SET state = 'degraded' WHERE id = 2")
    folder = released(archive, tmp_path / "dataset")
    articles = {row["id"] for row in rows(folder / "csv" / "articles.csv")}
    missing = {
        (table, column)
        for table, column in (("links", "target_id"), ("listings", "article_id"))
        if any(row[column] not in articles for row in rows(folder / "csv" / f"{table}.csv"))
    }
    assert missing == {("links", "target_id"), ("listings", "article_id")}
    assert references(folder) == {("links", "source_id"), ("revisions", "article_id")}


def test_data_package_has_license_and_lists(dataset: Path) -> None:
    package = json_of(dataset / "datapackage.json")
    page = "https://spdx.org/licenses/CC-BY-4.0.html"
    assert package["licenses"] == [{"name": "CC-BY-4.0", "path": page}]
    (tags,) = [
        field for field in package["resources"][0]["schema"]["fields"] if field["name"] == "tags"
    ]
    assert (tags["type"], tags["itemType"], tags["delimiter"]) == ("list", "string", "; ")


@pytest.mark.parametrize("license_", USUAL_LICENSES)
def test_usual_license_is_accepted_in_any_case(license_: str) -> None:
    assert spdx_license(license_.lower()) == license_
    assert license_ in LICENSES


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("foo", "CC0-1.0"),
        ("CC-BY", "CC-BY-4.0"),
        ("cc by 4.0", "CC-BY-4.0"),
        ("cc by", "CC-BY-4.0"),
        ("cc0", "CC0-1.0"),
        ("MIT OR Apache-2.0", "Apache-2.0"),
        ("LicenseRef-mine", "CC0-1.0"),
        (" ", "CC0-1.0"),
        ("x" * 10_000, "CC0-1.0"),
    ],
)
def test_license_that_is_not_on_the_spdx_list_is_refused(text: str, likely: str) -> None:
    with pytest.raises(UsageError, match="not an identifier of the SPDX license list") as refused:
        spdx_license(text)
    assert len(str(refused.value)) < 200
    assert f"--license {likely};" in str(refused.value.hint)


def test_release_with_an_unknown_license_is_not_made(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "dataset"
    done = newscrawl(archive, "release", str(target), *CITATION, "--license", "foo")
    assert (done.exit_code, target.exists()) == (2, False)
    assert "error: the license 'foo' is not an identifier of the SPDX license list" in done.stderr


def test_license_unknown_to_the_hub_is_named_with_its_page() -> None:
    citation = Citation("T", ("A",), date(2026, 11, 1), "EUPL-1.2")
    front = yaml.safe_load(front_matter(citation, [], 2_000, {}).split("---\n")[1])
    named = {name: value for name, value in front.items() if name.startswith("license")}
    assert named == {
        "license": "other",
        "license_name": "eupl-1.2",
        "license_link": "https://spdx.org/licenses/EUPL-1.2.html",
    }
    assert front["size_categories"] == ["1K<n<10K"]


def test_selection_is_part_of_the_description(archive: Path, tmp_path: Path) -> None:
    folder = released(archive, tmp_path / "dataset", "--site", "paper", "--since", "2026-09-01")
    described = json_of(folder / "croissant.json")["description"]
    assert "Articles were selected by site: paper; since: 2026-09-01." in described


def test_search_selects_the_articles_of_a_release(archive: Path, tmp_path: Path) -> None:
    folder = released(archive, tmp_path / "dataset", "--search", "title:sat -metro")
    titles = "SELECT title FROM articles WHERE revision > 0 ORDER BY id"
    assert query(folder, titles) == [("Đường sắt cao tốc khởi công",), ("Đường sạt lở",)]
    described = json_of(folder / "croissant.json")["description"]
    how = "title:sat -metro (searched as: title:sat AND NOT metro)"
    assert f"Articles were selected by search: {how}." in described


def test_query_that_cannot_be_parsed_is_recorded_with_its_note(
    archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "dataset"
    done = newscrawl(archive, "release", str(folder), *CITATION, *DATE, "--search", "sat (")
    note = (
        "cannot parse the query at character 6: a word is missing; searched for the words instead"
    )
    assert done.exit_code == 0, done.stderr
    assert note in done.stderr
    described = json_of(folder / "croissant.json")["description"]
    assert f"search: sat ( (searched as: sat; {note})." in described


def test_release_that_is_empty_or_already_there_is_not_made(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "dataset"
    cases = {
        ("--search", "zzz"): "error: the release would contain no article",
        ("--search", ""): "error: the query '' has no letter and no digit",
        ("--site", "nosuch"): "error: the archive has no site 'nosuch'",
    }
    for options, message in cases.items():
        done = newscrawl(archive, "release", str(target), *CITATION, *DATE, *options)
        assert (done.exit_code, target.exists()) == (2, False)
        assert message in done.stderr
    released(archive, target)
    again = newscrawl(archive, "release", str(target), *CITATION, *DATE)
    assert again.exit_code == 2
    assert "exists and is not an empty folder" in again.stderr
