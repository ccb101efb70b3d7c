"""Command-line options generated from parameters, with the same names, ranges and defaults."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import typer

from napari_lns._files import shorten
from napari_lns._parameters import Parameter, Switch, inspect_parameters, unknown_name_error

__all__ = [
    "accept_options",
    "build_command",
    "parse_assignments",
    "parse_clusters",
    "parse_value",
    "parse_values",
    "strip_markup",
]


def build_command(
    run: Callable[..., None],
    name: str,
    parameters: Mapping[str, Parameter],
    *,
    several: bool,
    help: str,
    epilog: str,
) -> Any:
    """Build a command that calls ``run(name, values, …)``, with an option for every parameter.

    Parameters
    ----------
    run
        Function of the name, the given values, and keywords annotated as typer options.
    name
        Name of the owner of the parameters.
    parameters
        Parameters by their Python names; options also accept hyphens for underscores.
    several
        Whether every option takes several values.
    help, epilog
        Text of `--help` above and below the options.

    Returns
    -------
    object
        A click command.
    """
    _, _, *own = inspect.signature(run, eval_str=True).parameters.values()
    options = [_option(each, several=several) for each in parameters.values()]
    parse = parse_values if several else parse_value
    command = _command(partial(run, name), [*options, *own], parameters, parse)
    hyphens = {"token_normalize_func": lambda option: option.replace("_", "-")}
    single = typer.Typer(add_completion=False)
    single.command(name, help=help, epilog=epilog, context_settings=hyphens)(command)
    return typer.main.get_command(single)


def accept_options(
    *settings: type, omit: Collection[str] = (), show_defaults: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command an option for every field of settings classes.

    The decorated function receives the given values, checked, as its first argument: a mapping
    by the fields' names.

    Parameters
    ----------
    *settings
        Annotated dataclasses whose docstrings describe their fields.
    omit
        Fields without an option.
    show_defaults
        Whether `--help` shows the fields' defaults.
    """
    parameters: dict[str, Parameter] = {}
    for each in settings:
        parameters |= inspect_parameters(each, omit=omit)

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        options = [_option(each, show_default=show_defaults) for each in parameters.values()]
        command = _command(function, [*own, *options], parameters, parse_value)
        command.__name__, command.__doc__ = function.__name__, function.__doc__
        return command

    return decorate


def _command(
    function: Callable[..., None],
    options: Sequence[inspect.Parameter],
    parameters: Mapping[str, Parameter],
    parse: Callable[[Any, Parameter], Any],
) -> Callable[..., None]:
    """Return a command that parses the options of parameters and passes them as one mapping."""

    def command(**keywords: Any) -> None:
        texts = {key: keywords.pop(key) for key in parameters}
        given = {key: text for key, text in texts.items() if text not in (None, [])}
        function({key: parse(text, parameters[key]) for key, text in given.items()}, **keywords)

    signature = inspect.Signature(options)
    command.__signature__ = signature  # type: ignore[attr-defined]
    command.__annotations__ = {key: each.annotation for key, each in signature.parameters.items()}
    return command


def parse_value(text: str | bool, parameter: Parameter) -> Any:
    """Parse a value from text, or take that of a flag; raise a usage error if it is invalid.

    Examples
    --------
    >>> from napari_lns._parameters import Colours
    >>> parse_value("0.5,0,1", Colours("colour", (0, 0, 0), 0, 1))
    (0.5, 0.0, 1.0)
    """
    try:
        value = parameter.parse(text) if isinstance(text, str) else text
        parameter.check(value)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return value


def parse_values(texts: list[str], parameter: Parameter) -> list[Any]:
    """Parse values from texts such as ``0.1,0.2`` or ``0:1:5`` (five values from 0 to 1).

    Examples
    --------
    >>> from napari_lns._parameters import Number
    >>> parse_values(["0:1:3", "0.7,0.8"], Number("ratio", 0.5, 0, 1))
    [0.0, 0.5, 1.0, 0.7, 0.8]
    """
    try:
        parts = [part for text in texts for part in parameter.split(text)]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return [parse_value(part, parameter) for part in parts]


def parse_assignments(parameters: Mapping[str, Parameter], texts: list[str]) -> dict[str, Any]:
    """Parse assignments such as ``samples=40`` to values by parameter name.

    Examples
    --------
    >>> from napari_lns._parameters import Whole
    >>> parse_assignments({"samples": Whole("samples", 80, 2, 1000)}, ["samples=40"])
    {'samples': 40}
    """
    values = {}
    for text in texts:
        name, equals, value = text.partition("=")
        key = name.replace("-", "_")
        if not equals:
            raise typer.BadParameter(f"{text!r}: write name=value")
        if key not in parameters:
            raise unknown_name_error("parameter", key, parameters)
        values[key] = parse_value(value, parameters[key])
    return values


def parse_clusters(text: str, *words: str) -> int | str:
    """Parse a number of segments, or one of the words that stand for one.

    Examples
    --------
    >>> parse_clusters("3", "auto"), parse_clusters("auto", "auto")
    (3, 'auto')
    """
    if text in words:
        return text
    if re.fullmatch(r"[1-9][0-9]{0,8}", text):
        return int(text)
    raise typer.BadParameter(
        f"{shorten(repr(text), 40)} is not a number of segments: give one, such as 3, or "
        f"{' or '.join(words)}",
        param_hint="--clusters",
    )


def _option(
    parameter: Parameter, *, several: bool = False, show_default: bool = True
) -> inspect.Parameter:
    description = strip_markup(parameter.description)
    default = parameter.text_with_unit(parameter.default)
    if show_default and default:
        description += f" (default {default})"
    if isinstance(parameter, Switch) and not several:
        hint: type = bool
        option = typer.Option(help=description)
    else:
        hint = list[str] if several else str
        option = typer.Option(help=description, metavar=parameter.accepted_values)
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[hint | None, option],
    )


def strip_markup(description: str) -> str:
    """Remove reStructuredText markup from a description."""
    return description.replace("`", "")
