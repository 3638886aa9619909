"""The link graph as GEXF 1.3 (Gephi; an edge's spell is from its first to its last sight) and as GraphML.

Both are written as they are read, so that a graph of millions of links needs no memory; networkx, which reads both,
would hold it whole to write it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from newscrawl.store.read.links import LinkGraph

GEXF = "http://gexf.net/1.3"
GRAPHML = "http://graphml.graphdrawing.org/xmlns"
NODE_FIELDS: Mapping[str, str] = dict.fromkeys(
    ("site", "key", "url", "state", "title", "published_at"), "string"
)
EDGE_FIELDS: Mapping[str, str] = {"kind": "string", "position": "long"}
SEEN_FIELDS: Mapping[str, str] = {"first_seen_at": "string", "last_seen_at": "string"}
TITLE, KEY = list(NODE_FIELDS).index("title"), list(NODE_FIELDS).index("key")

# What XML 1.0 cannot hold, section 2.2.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Written:
    """How many links were written, and how many characters that XML cannot hold were left out."""

    links: int
    illegal: int


class _Texts:
    """Values as text that XML can hold; counts the characters left out."""

    def __init__(self) -> None:
        self.illegal = 0

    def __call__(self, value: object) -> str:
        text, illegal = ILLEGAL.subn("", str(value))
        self.illegal += illegal
        return text


def write_gexf(graph: LinkGraph, out: BinaryIO) -> Written:
    """Writes the graph for Gephi; links of several kinds between two articles stay apart."""
    texts, count = _Texts(), 0
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with (
            file.element(f"{{{GEXF}}}gexf", version="1.3", nsmap={None: GEXF}),
            # Not `dateTime`, which the specification has as well: networkx cannot read a file that says so.
            file.element(
                f"{{{GEXF}}}graph", defaultedgetype="directed", mode="dynamic", timeformat="date"
            ),
        ):
            for cls, fields in (("node", NODE_FIELDS), ("edge", EDGE_FIELDS)):
                file.write(_attributes(cls, fields))
            with file.element(f"{{{GEXF}}}nodes"):
                for identity, *values in graph.nodes:
                    label = texts(values[TITLE] or values[KEY])
                    node = etree.Element(f"{{{GEXF}}}node", id=str(identity), label=label)
                    file.write(_with_values(node, values, texts))
            with file.element(f"{{{GEXF}}}edges"):
                for count, (source, target, kind, position, first, last) in enumerate(
                    graph.edges, 1
                ):
                    edge = etree.Element(
                        f"{{{GEXF}}}edge", id=str(count), source=str(source), target=str(target),
                        start=texts(first), end=texts(last),
                    )  # fmt: skip
                    file.write(_with_values(edge, [kind, position], texts))
    return Written(count, texts.illegal)


def write_graphml(graph: LinkGraph, out: BinaryIO) -> Written:
    """Writes the graph; links of several kinds between two articles stay apart."""
    texts, count, edge_fields = _Texts(), 0, {**EDGE_FIELDS, **SEEN_FIELDS}
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{GRAPHML}}}graphml", nsmap={None: GRAPHML}):
            for cls, fields in (("node", NODE_FIELDS), ("edge", edge_fields)):
                for name, kind in fields.items():
                    key = {"id": f"{cls}-{name}", "for": cls, "attr.name": name, "attr.type": kind}
                    file.write(etree.Element(f"{{{GRAPHML}}}key", key))
            with file.element(f"{{{GRAPHML}}}graph", id="links", edgedefault="directed"):
                for identity, *values in graph.nodes:
                    node = etree.Element(f"{{{GRAPHML}}}node", id=str(identity))
                    file.write(_with_data(node, "node", NODE_FIELDS, values, texts))
                for count, (source, target, *values) in enumerate(graph.edges, 1):
                    ends = {"id": f"e{count}", "source": str(source), "target": str(target)}
                    edge = etree.Element(f"{{{GRAPHML}}}edge", ends)
                    file.write(_with_data(edge, "edge", edge_fields, values, texts))
    return Written(count, texts.illegal)


def _attributes(cls: str, fields: Mapping[str, str]) -> etree._Element:
    attributes = etree.Element(f"{{{GEXF}}}attributes", {"class": cls, "mode": "static"})
    for number, (name, kind) in enumerate(fields.items()):
        etree.SubElement(attributes, f"{{{GEXF}}}attribute", id=str(number), title=name, type=kind)
    return attributes


def _with_values(
    element: etree._Element, values: Sequence[object], texts: _Texts
) -> etree._Element:
    holder = etree.SubElement(element, f"{{{GEXF}}}attvalues")
    for number, value in enumerate(values):
        if value is not None:
            etree.SubElement(
                holder, f"{{{GEXF}}}attvalue", {"for": str(number), "value": texts(value)}
            )
    return element


def _with_data(
    element: etree._Element,
    cls: str,
    fields: Mapping[str, str],
    values: Sequence[object],
    texts: _Texts,
) -> etree._Element:
    for name, value in zip(fields, values, strict=True):
        if value is not None:
            etree.SubElement(element, f"{{{GRAPHML}}}data", key=f"{cls}-{name}").text = texts(value)
    return element
