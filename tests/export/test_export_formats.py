"""Other programs (pandas, DuckDB, networkx) read in exports what the archive contains."""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import igraph
import networkx as nx
import pandas as pd
import polars as pl
import pytest
from lxml import etree

from newscrawl.core.errors import StorageError, UsageError
from newscrawl.core.records import LIST_FIELDS
from newscrawl.export.graph import write_gexf, write_graphml
from newscrawl.export.parquet import write_partitioned
from newscrawl.store.filters import Filter
from newscrawl.store.read.export_rows import SUBJECTS, Rows, Subject, export_rows
from newscrawl.store.read.links import LinkGraph, link_graph
from newscrawl.store.read.reader import Reader
from tests.support.archive_builder import build, newscrawl

INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("archive"))


@pytest.fixture
def reader(folder: Path) -> Iterator[Reader]:
    with Reader(folder) as reader:
        yield reader


def exported(folder: Path, *arguments: str) -> None:
    result = newscrawl(folder, "export", *arguments)
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr


def typed(rows: Rows) -> list[dict[str, object]]:
    """The rows that Parquet should contain."""
    return [
        {name: _typed(name, value) for name, value in zip(rows.columns, row, strict=True)}
        for row in rows.rows
    ]


def _typed(name: str, value: object) -> object:
    if name in LIST_FIELDS:
        return json.loads(str(value))
    if name.endswith("_at") and value is not None:
        return datetime.strptime(str(value), INSTANT).replace(tzinfo=UTC)
    return value


def as_text(rows: Rows) -> list[dict[str, str]]:
    """The rows that CSV should contain."""
    return [
        {name: _text(name, value) for name, value in zip(rows.columns, row, strict=True)}
        for row in rows.rows
    ]


def _text(name: str, value: object) -> str:
    return (
        "; ".join(json.loads(str(value)))
        if name in LIST_FIELDS
        else ""
        if value is None
        else str(value)
    )


@pytest.mark.parametrize("subject", SUBJECTS)
def test_pandas_and_duckdb_read_csv_back(
    folder: Path, reader: Reader, tmp_path: Path, subject: Subject
) -> None:
    file = tmp_path / "x.csv"
    exported(folder, subject, "-o", str(file))
    expected = as_text(export_rows(reader.db, subject, Filter()))
    assert pd.read_csv(file, dtype=str, keep_default_na=False).to_dict("records") == expected
    found = duckdb.connect().execute(
        "SELECT * FROM read_csv(?, all_varchar=true, header=true)", [str(file)]
    )
    names = [column[0] for column in found.description or ()]
    assert [
        dict(zip(names, (cell or "" for cell in row), strict=True)) for row in found.fetchall()
    ] == expected


@pytest.mark.parametrize("subject", SUBJECTS)
def test_pandas_and_duckdb_read_jsonl_back(
    folder: Path, reader: Reader, tmp_path: Path, subject: Subject
) -> None:
    file = tmp_path / "x.jsonl"
    exported(folder, subject, "--format", "jsonl", "-o", str(file))
    rows = export_rows(reader.db, subject, Filter())
    expected = [
        {name: _value(name, value) for name, value in zip(rows.columns, row, strict=True)}
        for row in rows.rows
    ]
    frame = pd.read_json(file, lines=True, dtype=False)
    assert [
        {name: _known(value) for name, value in row.items()} for row in frame.to_dict("records")
    ] == expected
    kinds = dict.fromkeys(rows.columns, "JSON")
    found = duckdb.connect().execute("SELECT * FROM read_json(?, columns=?)", [str(file), kinds])
    names = [column[0] for column in found.description or ()]
    assert [
        dict(zip(names, map(_parsed, row), strict=True)) for row in found.fetchall()
    ] == expected


def _value(name: str, value: object) -> object:
    return json.loads(str(value)) if name in LIST_FIELDS else value


def _parsed(value: str | None) -> object:
    return None if value is None else json.loads(value)


def _known(value: object) -> object:
    """The value, None for the NaN of pandas."""
    return None if isinstance(value, float) and value != value else value


@pytest.mark.parametrize("subject", SUBJECTS)
def test_pandas_and_duckdb_read_parquet_back_with_types(
    folder: Path, reader: Reader, tmp_path: Path, subject: Subject
) -> None:
    file = tmp_path / "x.parquet"
    exported(folder, subject, "--format", "parquet", "-o", str(file))
    expected = typed(export_rows(reader.db, subject, Filter()))
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    found = database.execute("SELECT * FROM read_parquet(?)", [str(file)])
    names = [column[0] for column in found.description or ()]
    assert [dict(zip(names, row, strict=True)) for row in found.fetchall()] == expected
    frame = pd.read_parquet(file, dtype_backend="pyarrow")
    assert list(frame.columns) == names
    assert [_plain(row) for row in frame.to_dict("records")] == expected


def _plain(row: dict[str, object]) -> dict[str, object]:
    """A value of pandas as one of Python."""
    return {name: _python(value) for name, value in row.items()}


def _python(value: object) -> object:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if hasattr(value, "tolist"):
        return value.tolist()
    return None if value is pd.NA or value is pd.NaT else value


Records = list[dict[str, Any]]
FILES = "*/*/*.parquet"


def duckdb_reads(parts: Path, *, by_folder: bool) -> Records:
    found = duckdb.connect().execute(
        "SELECT * FROM read_parquet(?, hive_partitioning=?)", [str(parts / FILES), by_folder]
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def pandas_reads(parts: Path, *, by_folder: bool) -> Records:
    frame = pd.read_parquet(parts, partitioning="hive" if by_folder else None)
    records: Records = frame.to_dict("records")
    return [{name: _known(value) for name, value in record.items()} for record in records]


def polars_reads(parts: Path, *, by_folder: bool) -> Records:
    return pl.read_parquet(parts / FILES, hive_partitioning=by_folder).rows(named=True)


@pytest.mark.parametrize("by_folder", [True, False])
@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("read", [duckdb_reads, pandas_reads, polars_reads])
def test_parts_are_one_table(
    folder: Path,
    reader: Reader,
    tmp_path: Path,
    read: Callable[..., Records],
    subject: Subject,
    by_folder: bool,
) -> None:
    parts = tmp_path / "parts"
    exported(folder, subject, "--format", "parquet", "--partition", "-o", str(parts))
    rows = export_rows(reader.db, subject, Filter())
    site, day, text = {
        "articles": ("site", "published_local", "title"),
        "links": ("source_site", "source_published_at", "anchor"),
        "listings": ("site", "seen_at", "url"),
        "revisions": ("site", "fetched_at", "body"),
    }[subject]
    expected = Counter(
        (row[site], str(row[day] or "unknown")[:7], row[text])
        for row in (dict(zip(rows.columns, cells, strict=True)) for cells in rows.rows)
    )
    found = read(parts, by_folder=by_folder)
    assert Counter((row[site], row["month"], row[text]) for row in found) == expected
    assert set(found[0]) == {*rows.columns, "month"}


if find_spec("pyspark") and shutil.which("java"):  # not a dependency: tested where it is installed

    def test_parts_are_one_table_for_spark(folder: Path, reader: Reader, tmp_path: Path) -> None:
        exported(
            folder, "articles", "--format", "parquet", "--partition", "-o", str(tmp_path / "parts")
        )
        sql = import_module("pyspark.sql")
        local = {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }
        builder = sql.SparkSession.builder.master("local[2]").config(map=local)
        with builder.getOrCreate() as spark:
            found = (
                spark.read.parquet(str(tmp_path / "parts"))
                .groupBy("site", "month")
                .count()
                .collect()
            )
        rows = typed(export_rows(reader.db, "articles", Filter()))
        assert sum(row["count"] for row in found) == len(rows)
        assert {row["site"] for row in found} == {row["site"] for row in rows}


def test_day_without_time_has_a_month_and_no_date_has_none(folder: Path, tmp_path: Path) -> None:
    exported(
        folder, "articles", "--format", "parquet", "--partition", "-o", str(tmp_path / "parts")
    )
    months = sorted(path.name for path in (tmp_path / "parts" / "site=paper").iterdir())
    assert months == ["month=2026-08", "month=2026-09", "month=unknown"]


def test_partitions_replace_an_earlier_export_as_a_whole(folder: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    exported(folder, "articles", "--format", "parquet", "--partition", "-o", str(parts))
    exported(
        folder,
        "articles",
        "--site",
        "other",
        "--format",
        "parquet",
        "--partition",
        "-o",
        str(parts),
    )
    assert [path.name for path in parts.iterdir()] == ["site=other"]
    assert list(tmp_path.iterdir()) == [parts]


def test_folder_that_is_no_export_is_not_replaced(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years", "utf-8")
    result = newscrawl(
        folder, "export", "articles", "--format", "parquet", "--partition", "-o", str(tmp_path)
    )
    assert result.exit_code == 2
    assert "is not a partitioned export" in result.stderr
    assert (tmp_path / "thesis.doc").read_text("utf-8") == "years"


def test_failed_partitioned_export_leaves_the_old_one(folder: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    exported(folder, "articles", "--format", "parquet", "--partition", "-o", str(parts))
    before = sorted(parts.rglob("*"))

    def breaking() -> Iterator[tuple[object, ...]]:
        yield 1, "paper", "2026-09-01T10:00:00+07:00"
        raise OSError("no space left")

    with pytest.raises(StorageError):
        write_partitioned(Rows(("id", "site", "published_local"), breaking()), parts)
    assert sorted(parts.rglob("*")) == before
    assert list(tmp_path.iterdir()) == [parts]


def test_folder_without_parent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        write_partitioned(
            Rows(("id", "site", "published_local"), iter([])), tmp_path / "nowhere" / "parts"
        )


def expected_graph(reader: Reader) -> tuple[dict[str, dict[str, object]], list[tuple[object, ...]]]:
    graph = link_graph(reader.db, Filter())
    names = ("site", "key", "url", "state", "title", "published_at")
    nodes = {
        str(identity): {
            name: value for name, value in zip(names, values, strict=True) if value is not None
        }
        for identity, *values in graph.nodes
    }
    edges: list[tuple[object, ...]] = [
        (str(edge[0]), str(edge[1]), *edge[2:]) for edge in graph.edges
    ]
    edges.sort(key=str)
    return nodes, edges


def test_networkx_reads_gexf_back(folder: Path, reader: Reader, tmp_path: Path) -> None:
    exported(folder, "graph", "-o", str(tmp_path / "x.gexf"))
    found = nx.read_gexf(tmp_path / "x.gexf", version="1.3")
    nodes, edges = expected_graph(reader)
    assert {
        name: {k: v for k, v in data.items() if k != "label"}
        for name, data in found.nodes(data=True)
    } == nodes
    assert found.is_directed()
    ends = ("kind", "position", "first_seen_at", "last_seen_at")
    assert (
        sorted(
            ((*pair, *(data[name] for name in ends)) for *pair, data in found.edges(data=True)),
            key=str,
        )
        == edges
    )
    for *_, data in found.edges(data=True):
        assert data["start"] == data["first_seen_at"][:10]
        assert data["end"] == data["last_seen_at"][:10]


def test_gexf_has_dates_as_its_schema_defines_them(folder: Path, tmp_path: Path) -> None:
    exported(folder, "graph", "-o", str(tmp_path / "x.gexf"))
    root = etree.parse(str(tmp_path / "x.gexf")).getroot()
    (graph,) = root
    assert dict(graph.attrib) == {
        "defaultedgetype": "directed",
        "mode": "dynamic",
        "timeformat": "date",
    }
    kinds = [dict(child.attrib) for child in graph if etree.QName(child).localname == "attributes"]
    assert kinds == [{"class": "node"}, {"class": "edge"}]
    edges = list(graph.iter("{http://gexf.net/1.3}edge"))
    for edge in edges:
        assert date.fromisoformat(edge.get("start", "")) <= date.fromisoformat(edge.get("end", ""))
    assert len(edges) == 4


@pytest.mark.parametrize("form", ["gexf", "graphml"])
def test_namespace_is_declared_once(folder: Path, tmp_path: Path, form: str) -> None:
    exported(folder, "graph", "-o", str(tmp_path / f"x.{form}"))
    text = (tmp_path / f"x.{form}").read_text("utf-8")
    assert text.count("xmlns=") == 1
    root = etree.fromstring(text.encode())
    assert {etree.QName(element).namespace for element in root.iter()} == {root.nsmap[None]}


def test_igraph_reads_graphml_back(folder: Path, reader: Reader, tmp_path: Path) -> None:
    exported(folder, "graph", "--format", "graphml", "-o", str(tmp_path / "x.graphml"))
    found = igraph.Graph.Read_GraphML(str(tmp_path / "x.graphml"))
    nodes, edges = expected_graph(reader)
    titles = {vertex["id"]: vertex["title"] for vertex in found.vs}
    assert titles == {name: data.get("title", "") for name, data in nodes.items()}
    seen = [
        (
            *(found.vs[end]["id"] for end in edge.tuple),
            edge["kind"],
            int(edge["position"]),
            edge["first_seen_at"],
            edge["last_seen_at"],
        )
        for edge in found.es
    ]
    assert sorted(seen, key=str) == edges


def test_networkx_reads_graphml_back(folder: Path, reader: Reader, tmp_path: Path) -> None:
    exported(folder, "graph", "--format", "graphml", "-o", str(tmp_path / "x.graphml"))
    found = nx.read_graphml(tmp_path / "x.graphml")
    nodes, edges = expected_graph(reader)
    assert dict(found.nodes(data=True)) == nodes
    ends = ("kind", "position", "first_seen_at", "last_seen_at")
    assert (
        sorted(
            ((*pair, *(data[name] for name in ends)) for *pair, data in found.edges(data=True)),
            key=str,
        )
        == edges
    )


@pytest.mark.parametrize("write", [write_gexf, write_graphml])
def test_characters_illegal_in_xml_are_left_out_and_counted(write: type, tmp_path: Path) -> None:
    nodes = [
        (1, "s", "1", "u", "stored", "a\x00b\x1b]\ufffe\ud800 \t\n<&>\"' đ🎉", None),
        (2, "s", "2", "u", "stub", None, None),
    ]
    edges = [(1, 2, "related", 1, "2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z")] * 2
    out = io.BytesIO()
    written = write(LinkGraph(iter(nodes), iter(edges)), out)
    read = nx.read_gexf if write is write_gexf else nx.read_graphml
    found = read(io.BytesIO(out.getvalue()))
    assert found.nodes["1"]["title"] == "ab] \t\n<&>\"' đ🎉"
    assert written.links == found.number_of_edges() == 2
    assert written.illegal == (
        8 if write is write_gexf else 4
    )  # in GEXF, the title is also the label


def test_characters_left_out_are_reported(folder: Path, tmp_path: Path) -> None:
    result = newscrawl(folder, "export", "graph", "-o", str(tmp_path / "x.gexf"))
    assert result.stderr == f"4 links written to {tmp_path / 'x.gexf'}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("graph", "--format", "csv"), "graph cannot be written as csv"),
        (("links", "--format", "gexf"), "links cannot be written as gexf"),
        (("articles", "--partition"), "--partition applies only to Parquet in a folder"),
        (
            ("articles", "--partition", "--format", "parquet"),
            "--partition applies only to Parquet in a folder",
        ),
        (("graph", "--excel"), "--excel applies only to CSV"),
        (("graph", "--stubs"), "--stubs applies only to articles"),
    ],
)
def test_options_that_exclude_each_other_are_refused(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = newscrawl(folder, "export", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr.splitlines()[0]
    assert result.stdout == ""
