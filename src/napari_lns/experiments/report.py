"""Reports as one HTML file with embedded images."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from napari_lns._files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Section", "readable_name", "write_report"]

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .2rem .8rem; text-align: left }
th { border-bottom: 2px solid #333 } td { border-bottom: 1px solid #ddd }
td + td { font-variant-numeric: tabular-nums } img { max-width: 100% }
""".strip()


@dataclass(frozen=True)
class Section:
    """One part of a report.

    Parameters
    ----------
    title
        Heading.
    text
        Text; empty lines separate paragraphs.
    header, rows
        Table.
    figure
        Figure.
    """

    title: str
    text: str
    header: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = field(default_factory=tuple)
    figure: Figure | None = None


def write_report(
    title: str, sections: Sequence[Section], path: str | os.PathLike[str], note: str = ""
) -> None:
    """Write sections as one HTML file.

    Parameters
    ----------
    title
        Title of the report.
    sections
        Sections in order.
    path
        The file to write.
    note
        Text below the title: versions, seeds, the command.
    """
    body = "\n".join(map(_as_html, sections))
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1><p>{escape(note)}</p>\n{body}</html>\n"
    )
    with write_atomically(path) as beside:
        beside.write_text(page, encoding="utf-8")


def readable_name(name: str) -> str:
    """Return the name of a set with spaces for underscores.

    Examples
    --------
    >>> readable_name("gradient_occlusion")
    'gradient occlusion'
    """
    return name.replace("_", " ")


def _as_html(section: Section) -> str:
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in section.text.split("\n\n") if part)
    return f"<h2>{escape(section.title)}</h2>{paragraphs}{_table(section)}{_figure_tag(section)}"


def _table(section: Section) -> str:
    if not section.rows:
        return ""
    head = "".join(f"<th>{escape(str(cell))}</th>" for cell in section.header)
    lines = (
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in section.rows
    )
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _figure_tag(section: Section) -> str:
    if section.figure is None:
        return ""
    data = io.BytesIO()
    section.figure.savefig(data, format="png", dpi=130)
    code = base64.b64encode(data.getvalue()).decode()
    return f'<img alt="{escape(section.title)}" src="data:image/png;base64,{code}">'
