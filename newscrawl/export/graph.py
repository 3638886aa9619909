"""Writes the link graph as GEXF 1.3 (for Gephi) and as GraphML.

In GEXF, an edge exists from the first to the last day on which its link was seen. Both formats are
written while the rows are read, so a graph of millions of links needs no memory. networkx, which
reads both, would have to hold the whole graph to write it.

The root element declares the namespace; the elements within are written without one, because lxml
would declare it again for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from newscrawl.store.read.links import LinkGraph

GEXF = "http://gexf.net/1.3"
GRAPHML = "http://graphml.graphdrawing.org/xmlns"
# Names and types of the values that LinkGraph has after the ids.
NODE_FIELDS: Mapping[str, str] = {
    "site": "string",
    "key": "string",
    "url": "string",
    "state": "string",
    "title": "string",
    "published_at": "string",
}
EDGE_FIELDS: Mapping[str, str] = {"kind": "string", "position": "long"}
SEEN_FIELDS: Mapping[str, str] = {"first_seen_at": "string", "last_seen_at": "string"}

DAY_LENGTH = len("2026-09-01")
# The characters that XML 1.0 does not allow (section 2.2).
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Written:
    """The number of links written, and of characters left out because XML does not allow them."""

    links: int
    illegal: int


class _TextEncoder:
    """Turns values into text that XML allows, and counts the characters left out."""

    def __init__(self) -> None:
        self.illegal = 0

    def __call__(self, value: object) -> str:
        text, illegal = ILLEGAL.subn("", str(value))
        self.illegal += illegal
        return text


def write_gexf(graph: LinkGraph, out: BinaryIO) -> Written:
    """Writes the graph for Gephi. Links of different kinds are different edges."""
    text = _TextEncoder()
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with (
            file.element(f"{{{GEXF}}}gexf", version="1.3", nsmap={None: GEXF}),
            # The specification also has `dateTime`, but networkx cannot read such a file.
            file.element("graph", defaultedgetype="directed", mode="dynamic", timeformat="date"),
        ):
            file.write(_gexf_attributes("node", NODE_FIELDS))
            file.write(_gexf_attributes("edge", {**EDGE_FIELDS, **SEEN_FIELDS}))
            with file.element("nodes"):
                for node in graph.nodes:
                    file.write(_gexf_node(node, text))
            links = 0
            with file.element("edges"):
                for links, edge in enumerate(graph.edges, 1):
                    file.write(_gexf_edge(links, edge, text))
    return Written(links, text.illegal)


def _gexf_attributes(cls: str, fields: Mapping[str, str]) -> etree._Element:
    # No `mode`, for which `static` is the default: only the XSD of GEXF 1.3 knows it here, and not
    # its RELAX NG grammar.
    attributes = etree.Element("attributes", {"class": cls})
    for number, (name, kind) in enumerate(fields.items()):
        etree.SubElement(attributes, "attribute", id=str(number), title=name, type=kind)
    return attributes


def _gexf_node(row: Sequence[object], text: _TextEncoder) -> etree._Element:
    node_id, *values = row
    fields = dict(zip(NODE_FIELDS, values, strict=True))
    label = text(fields["title"] or fields["key"])
    node = etree.Element("node", id=str(node_id), label=label)
    node.append(_gexf_values(values, text))
    return node


def _gexf_edge(number: int, row: Sequence[object], text: _TextEncoder) -> etree._Element:
    source, target, kind, position, first_seen, last_seen = row
    attributes = {
        "id": str(number),
        "source": str(source),
        "target": str(target),
        "start": _day(first_seen, text),
        "end": _day(last_seen, text),
    }
    edge = etree.Element("edge", attributes)
    edge.append(_gexf_values([kind, position, first_seen, last_seen], text))
    return edge


def _day(moment: object, text: _TextEncoder) -> str:
    """The day of a moment: a `date` of GEXF has no time of day."""
    return text(moment)[:DAY_LENGTH]


def _gexf_values(values: Iterable[object], text: _TextEncoder) -> etree._Element:
    attvalues = etree.Element("attvalues")
    for number, value in enumerate(values):
        if value is not None:
            attributes = {"for": str(number), "value": text(value)}
            etree.SubElement(attvalues, "attvalue", attributes)
    return attvalues


def write_graphml(graph: LinkGraph, out: BinaryIO) -> Written:
    """Writes the graph as GraphML, with edges as in GEXF."""
    text = _TextEncoder()
    edge_fields = {**EDGE_FIELDS, **SEEN_FIELDS}
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{GRAPHML}}}graphml", nsmap={None: GRAPHML}):
            for key in [*_graphml_keys("node", NODE_FIELDS), *_graphml_keys("edge", edge_fields)]:
                file.write(key)
            links = 0
            with file.element("graph", id="links", edgedefault="directed"):
                for node_id, *values in graph.nodes:
                    node = etree.Element("node", id=str(node_id))
                    fields = dict(zip(NODE_FIELDS, values, strict=True))
                    file.write(_with_graphml_data(node, "node", fields, text))
                for links, (source, target, *values) in enumerate(graph.edges, 1):
                    ends = {"id": f"e{links}", "source": str(source), "target": str(target)}
                    edge = etree.Element("edge", ends)
                    fields = dict(zip(edge_fields, values, strict=True))
                    file.write(_with_graphml_data(edge, "edge", fields, text))
    return Written(links, text.illegal)


def _graphml_keys(cls: str, fields: Mapping[str, str]) -> Iterator[etree._Element]:
    for name, kind in fields.items():
        attributes = {"id": f"{cls}-{name}", "for": cls, "attr.name": name, "attr.type": kind}
        yield etree.Element("key", attributes)


def _with_graphml_data(
    element: etree._Element, cls: str, fields: Mapping[str, object], text: _TextEncoder
) -> etree._Element:
    for name, value in fields.items():
        if value is not None:
            data = etree.SubElement(element, "data", key=f"{cls}-{name}")
            data.text = text(value)
    return element
