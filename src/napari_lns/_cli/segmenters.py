"""`napari-lns segmenters`: the methods that can be chosen, and the parameters of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from napari_lns._cli.common import Json, print_json
from napari_lns._cli.options import strip_markup

if TYPE_CHECKING:
    from napari_lns._parameters import Parameter

__all__ = ["segmenters"]


def segmenters(
    name: Annotated[
        str | None, typer.Argument(help="Show this one's parameters; list all if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the segmenters, also those of other packages; or the parameters of one."""
    from napari_lns.segmentation import segmenters as registered
    from napari_lns.segmentation.segmenters import SEGMENTERS

    if name is None:
        rows = [(each.name, each.title) for each in registered().values()]
        result: object = dict(rows)
    else:
        parameters = SEGMENTERS[name].parameters
        rows = [(each.name, _describe_parameter(each)) for each in parameters.values()]
        result = {key: each.to_json() for key, each in parameters.items()}
    if as_json:
        print_json(result)
    else:
        width = max((len(key) for key, _ in rows), default=0)
        typer.echo("\n".join(f"{key:{width}}  {text}" for key, text in rows))


def _describe_parameter(parameter: Parameter) -> str:
    """Describe the accepted values, the default and the meaning of a parameter."""
    default = parameter.text(parameter.default) if parameter.default not in (None, "") else "none"
    return f"{parameter.accepted_values}, default {default}: {strip_markup(parameter.description)}"
