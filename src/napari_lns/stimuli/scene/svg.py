"""Read a scene from an SVG drawing: filled shapes and strokes become surfaces, groups labels.

Content that cannot become a surface is refused with an error before the drawing is read. Scripts
are never run, and references to other files are never loaded.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from napari_lns._files import check_regular, shorten
from napari_lns.stimuli.scene.fill_rule import filled_regions
from napari_lns.stimuli.scene.imports import SceneParts, tie_colours, unique_name, vary_for
from napari_lns.stimuli.scene.shapes import MOST_CORNERS, Ellipse, Line, make_polygon
from napari_lns.stimuli.scene.surface import MOST_LETTERS, MOST_SURFACES, Colour, Surface

__all__ = ["read_svg"]

MOST_BYTES = 4 * 2**20
MOST_ELEMENTS = 5000  # each use of an element counts
MOST_DEPTH = 100  # depth of nested groups
MOST_DRAWN = 500_000  # characters of all outlines: reading them takes a second or two
MOST_STYLE = 10_000  # characters of any other attribute, and of all style sheets
OUTLINES = ("d", "points")  # attributes that may be long
NAMESPACES = ("", "{http://www.w3.org/2000/svg}")
CURVE = 12  # points of a curved segment
MOST_NAME_LETTERS = (
    MOST_LETTERS - 20
)  # letters of an id that a surface's name keeps; some get a number
WHITE: Colour = (1.0, 1.0, 1.0)
UNSUPPORTED = {
    "script": "a script, which is never run: remove it",
    "text": "text: convert it to paths, or remove it",
    "tspan": "text: convert it to paths, or remove it",
    "image": "a raster image: draw its shapes, or bring it as a label image",
    "filter": "a filter: remove it; blur and shadows cannot be surfaces",
    "foreignObject": "a foreign object: remove it",
    "mask": "a mask: cut the shapes instead",
    "clipPath": "a clipping path: cut the shapes instead",
    "animate": "an animation: remove it",
    "animateTransform": "an animation: remove it",
    "animateMotion": "an animation: remove it",
    "set": "an animation: remove it",
}
UNSUPPORTED_ATTRIBUTES = {"filter": "filter", "mask": "mask", "clip-path": "clipPath"}
Points = NDArray[np.float64]


def read_svg(path: str | os.PathLike[str]) -> SceneParts:
    """Read a scene from an SVG drawing.

    A rectangle that covers the whole canvas is the background; without one, the background is
    white. Shapes of one group (``<g id="…">``) share its name as their label and move together.
    Surfaces of the background's colour are tied to it, and so are equal colours in one group.
    Holes follow the fill rule.

    Parameters
    ----------
    path
        The SVG file, of at most 4 MB.

    Returns
    -------
    tuple
        The scene's surfaces, name and background.
    """
    file = Path(path)
    check_regular(file, most=MOST_BYTES)
    content = file.read_bytes()
    try:
        _check_content(content)
        drawing = _parse(content)
        width, height = float(drawing.width), float(drawing.height)
        if not (np.isfinite([width, height]).all() and min(width, height) > 0):
            raise ValueError(f"its size is {width:g} × {height:g}: give it a viewBox")
        background, surfaces = _surfaces(drawing, width, height)
        if not surfaces:
            raise ValueError("it has no shapes that can be seen: draw some, with a fill or stroke")
        return tie_colours(surfaces, background), file.stem or "drawing", background
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _check_content(content: bytes) -> None:
    """Raise an error for elements that cannot become surfaces, and for external references."""
    if b"<!ENTITY" in content:
        raise ValueError("it declares entities, which are never expanded: save it as plain SVG")
    root = _parse_tree(content)
    elements = list(root.iter())
    _check_size(root, elements)
    for element in elements:
        tag = _local_name(element.tag)
        if tag in UNSUPPORTED:
            raise ValueError(f"it has {UNSUPPORTED[tag]}")
        if tag == "style" and re.search(r"@import|url\(", element.text or "", re.I):
            raise ValueError(
                "its style refers to something outside, which is never loaded: remove it"
            )
        for name, value in element.attrib.items():
            _check_attribute(_local_name(name), value)


def _parse_tree(content: bytes) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # and unknown encodings
        raise ValueError(f"it is not an SVG file ({shorten(error, 80)}): save it again") from error
    if root.tag not in [f"{namespace}svg" for namespace in NAMESPACES]:
        raise ValueError(
            f"its first element is {shorten(_local_name(root.tag), 40)!r}: it is not an SVG file"
        )
    return root


def _check_size(root: ElementTree.Element, elements: list[ElementTree.Element]) -> None:
    """Raise an error for drawings that take long to read: too many or too long elements."""
    if len(elements) > MOST_ELEMENTS:
        raise ValueError(f"it has {len(elements)} elements: {MOST_ELEMENTS} are the most")
    outline_length = sum(len(element.get(name, "")) for element in elements for name in OUTLINES)
    if outline_length > MOST_DRAWN:
        raise ValueError(
            f"its outlines have {outline_length:,} characters: {MOST_DRAWN:,} are the most; "
            "simplify them"
        )
    styles = [each.text or "" for each in elements if _local_name(each.tag) == "style"]
    others = [
        value
        for each in elements
        for key, value in each.items()
        if _local_name(key) not in OUTLINES
    ]
    longest = max(map(len, ["".join(styles), *others]))
    if longest > MOST_STYLE:
        raise ValueError(
            f"one of its styles or attributes has {longest:,} characters: {MOST_STYLE:,} are the "
            "most; save it as plain SVG"
        )
    _check_uses(root, elements)


def _check_uses(root: ElementTree.Element, elements: list[ElementTree.Element]) -> None:
    """Raise an error for too many elements or too deep groups, counting each use of an element."""
    elements_by_id = {f"#{element.get('id')}": element for element in elements}
    counts: dict[ElementTree.Element, int] = {}

    def count(element: ElementTree.Element, depth: int) -> int:
        if depth > MOST_DEPTH:
            raise ValueError(
                f"its groups are nested, or used by themselves, more than {MOST_DEPTH} deep: "
                "ungroup some"
            )
        if element not in counts:
            inside = list(element)
            if _local_name(element.tag) == "use":
                target = next((v for k, v in element.items() if _local_name(k) == "href"), "")
                inside += [elements_by_id[target]] if target in elements_by_id else []
            counts[element] = 1 + sum(count(each, depth + 1) for each in inside)
        return counts[element]

    if count(root, 0) > MOST_ELEMENTS:
        raise ValueError(
            f"it uses shapes repeatedly, {counts[root]:,} in all: {MOST_ELEMENTS} are the most"
        )


def _check_attribute(name: str, value: str) -> None:
    if name.lower().startswith("on"):
        raise ValueError(f"it has {UNSUPPORTED['script']}")
    if name == "href" and not value.startswith("#"):
        raise ValueError(
            f"it refers to {shorten(value, 60)!r}, which is never loaded: embed its shapes"
        )
    declarations = [each.partition(":") for each in value.split(";")] if name == "style" else []
    for key, content in [(name, value), *((key.strip(), rest) for key, _, rest in declarations)]:
        if key in UNSUPPORTED_ATTRIBUTES and content.strip() != "none":
            raise ValueError(f"it has {UNSUPPORTED[UNSUPPORTED_ATTRIBUTES[key]]}")
        for target in re.findall(r"url\(\s*['\"]?([^'\")]*)", content):
            if not target.startswith("#"):
                raise ValueError(
                    f"it refers to {shorten(target, 60)!r}, which is never loaded: remove it"
                )
            if key in ("fill", "stroke"):
                raise ValueError("it has a gradient or pattern: fill with plain colours")


def _local_name(name: object) -> str:
    """Return a name without its namespace; the names of comments are empty."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def _parse(content: bytes) -> Any:
    from svgelements import SVG

    try:
        return SVG.parse(io.BytesIO(content), reify=True)
    except Exception as error:  # the library raises various errors for damaged paths
        raise ValueError(f"it cannot be read ({shorten(error, 80)}): save it again") from error


def _surfaces(drawing: object, width: float, height: float) -> tuple[Colour, list[Surface]]:
    side = max(width, height)

    def to_scene_frame(points: Points) -> Points:
        return np.column_stack(
            [(points[:, 0] - width / 2) / side, (height / 2 - points[:, 1]) / side]
        )

    background = WHITE
    surfaces: list[Surface] = []
    for label, shape in _shapes(drawing, ""):
        fill, opacity = _read_paint(shape, "fill")
        stroke, stroke_opacity = _read_paint(shape, "stroke")
        paths = [(to_scene_frame(points), closed) for points, closed in _paths(shape)]
        if len(paths) > MOST_SURFACES:
            raise ValueError(f"a path has {len(paths)} parts: {MOST_SURFACES} are the most")
        if (
            not surfaces
            and fill
            and opacity == 1
            and not stroke
            and _covers_canvas(paths, width, height)
        ):
            background = fill
            continue
        own = str(shape.id or label or type(shape).__name__.lower())[:MOST_NAME_LETTERS]
        rings = [points for points, _ in paths if len(points) >= 3] if fill else []
        rule = str(shape.values.get("fill-rule") or "nonzero")
        regions = {id(region[0]): region for region in filled_regions(rings, rule, own)}
        for points, closed in paths:
            if len(surfaces) >= MOST_SURFACES:
                raise ValueError(f"it has more shapes than {MOST_SURFACES}: draw fewer")
            names = [surface.name for surface in surfaces]
            if fill and id(points) in regions:
                polygon = _as_ellipse(shape, to_scene_frame, side) or make_polygon(
                    regions[id(points)]
                )
                name = unique_name(own, names)
                vary = vary_for(fill)
                surfaces.append(Surface(name, polygon, fill, opacity, label, vary=vary))
            line_width = float(shape.implicit_stroke_width or 0) / side
            if stroke and line_width > 0 and len(points) >= 2:
                name = unique_name(
                    f"{own} outline" if fill else own, [*names, *(own,) * bool(fill)]
                )
                line = Line(_as_tuples(points), line_width, closed)
                outline_label = label or (own if fill else "")
                vary = vary_for(stroke)
                surfaces.append(
                    Surface(name, line, stroke, stroke_opacity, outline_label, vary=vary)
                )
    return background, surfaces


def _shapes(group: Any, label: str) -> Iterator[tuple[str, Any]]:
    """Yield the shapes of a group, each with the name of the innermost named group around it."""
    from svgelements import SVG, Group, Shape

    for element in group:
        if isinstance(element, Group):
            own_label = (
                "" if isinstance(element, SVG) else str(element.id or "")[:MOST_NAME_LETTERS]
            )
            yield from _shapes(element, own_label or label)
        elif isinstance(element, Shape):
            yield label, element


def _read_paint(shape: Any, kind: str) -> tuple[Colour | None, float]:
    """Return the colour and opacity of a fill or stroke; the colour is None if there is none."""
    colour = getattr(shape, kind)
    if colour is None or colour.value is None or colour.alpha == 0:
        return None, 1.0
    shape_opacity = _opacity(shape.values.get("opacity", 1) or 1)
    red, green, blue = (round(value / 255, 4) for value in (colour.red, colour.green, colour.blue))
    return (red, green, blue), min(1.0, colour.alpha / 255 * shape_opacity)


def _opacity(value: str | float) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"an opacity is {shorten(value, 40)!r}: it must be a number") from None


def _paths(shape: object) -> Iterator[tuple[Points, bool]]:
    """Yield the points of each part of a shape, and whether the part is closed."""
    from svgelements import Close, Move, Path

    outline = abs(Path(shape))  # applies the transforms of rectangles
    for part in outline.as_subpaths():
        points: list[tuple[float, float]] = []
        closed = False
        for segment in Path(part):
            if isinstance(segment, Close):
                closed = True
            elif isinstance(segment, Move) or type(segment).__name__ == "Line":
                points.append((segment.end.x, segment.end.y))
            else:
                for share in np.linspace(0, 1, CURVE + 1)[1:]:
                    at = segment.point(share)
                    points.append((at.x, at.y))
            if len(points) > MOST_CORNERS:
                raise ValueError(f"a path has more than {MOST_CORNERS} points: simplify it")
        array = np.array(points, float).reshape(-1, 2)
        if len(array):
            is_distinct = np.hypot(*np.diff(array, axis=0, append=array[:1]).T) > 1e-9
            closed = closed or (len(array) > 2 and not is_distinct[-1])
            corners = array[is_distinct] if closed else array[np.r_[is_distinct[:-1], True]]
            if len(corners) >= 2:
                yield corners, closed


def _covers_canvas(paths: list[tuple[Points, bool]], width: float, height: float) -> bool:
    """Return whether a shape is a rectangle that covers the whole canvas."""
    if len(paths) != 1 or len(paths[0][0]) != 4:
        return False
    reach = np.array([width, height]) / max(width, height) / 2 * 0.995
    points = paths[0][0]
    return bool((np.abs(points) >= reach).all())


def _as_ellipse(shape: Any, to_scene_frame: Any, side: float) -> Ellipse | None:
    """Return the ellipse of an unrotated SVG ellipse or circle; None for other shapes."""
    if type(shape).__name__ not in ("Circle", "Ellipse"):
        return None
    box = shape.bbox(with_stroke=False)
    transform = shape.transform
    if box is None or abs(transform.b) > 1e-9 or abs(transform.c) > 1e-9:
        return None
    left, top, right, bottom = map(float, box)
    ((x, y),) = to_scene_frame(np.array([[(left + right) / 2, (top + bottom) / 2]])).tolist()
    width, height = round((right - left) / side, 6), round((bottom - top) / side, 6)
    return Ellipse(width, height, round(x, 6), round(y, 6))


def _as_tuples(points: Points) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in points.round(6))
