"""One word per thing: what readers see is free of the words that were replaced."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import typer.main
import yaml

REPOSITORY = Path(__file__).parents[1]
SOURCE = REPOSITORY / "src" / "napari_lns"
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

# What not to write, and what to write in its place. Words with an honest second meaning are
# missing on purpose: "found", "groups", "given" and "keep" are right in other places.
REPLACED = {
    r"redr[ae]w\w*(?!\()": "reconstruct",
    r"trembl\w*": "covary",
    r"own draws?": "held-out images",
    r"given images": "the authors' test set",
    r"tells? of|speaks? of": "describe, report",
    r"networks? (?:knows?|sees?)|it does not know|models? knows?": "was trained on",
    r"(?:networks?|models?) looks? at": "is applied to",
    r"stretched axes|axes (?:are|were|is) stretched": "latent rescaling",
    r"relative noise": "noise (× latent SD)",
    r"mend(?:s|ed)?": "fix",
    r"whom (?:does )?(?:a|this) pixel belong\w*": "which pixels group with it",
    r"teach(?:es)? (?:a|the) network": "train",
    r"true of it": "its ground truth",
    r"true labels|the truth": "ground truth",
    r"pictures?": "image",
}
# Further words that the source is free of.
REPLACED_IN_SOURCE = {
    r"what is seen(?: in (?:it|them))? is gone": "control condition",
    r"speaks? against": "conflict with",
    r"goes? on behind|going on behind": "continue behind",
    r"goes? on changing": "continue to change",
    r"(?:drawn?|draws?) (?:\w+ )?back": "separate by a gap",
    r"hint(?:s|ed)? at": "suggest",
    r"now and then": "in some",
    r"without end": "endlessly",
    r"whole or not at all": "completely or not at all",
    r"in one sentence|in a sentence": "raise an error",
    r"safe for JSON|JSON-safe": "JSON-compatible",
    r"what is known of|what stands (?:in|here)": "the contents of",
    r"where there is one": "if there is one",
    r"(?:is|it is|or) no (?:SVG|JSON|TIFF|checkpoint|model card|\w+ at all)": "is not a",
    r"begin anew": "start again",
    r"of one's own": "your own",
    r"how much (?:faster|longer|more) than": "factor on, relative to",
    r"vote(?:s|d)? (?:of|for)": "second moment of responses",
    r"turned in place": "rotated in place",
    r"no saved (?:run|segmentation)": "not a saved segmentation",
    r"told apart|tells? (?:\w+ )?apart": "distinguish",
    r"(?:goes|go|going) on": "continue, resume",
    r"anew": "again",
    r"so many|as many as": "a number of, up to",
    r"what is (?:asked|shown|done|to be \w+)": "name the thing",
    r"for want of": "for lack of",
}
# The key of a score on models' cards: files hold it, and nobody reads it.
KEYS = {"own draws"}
FORBIDDEN = re.compile(rf"(?<![\w.`/-])(?:{'|'.join(REPLACED)})(?![\w`/])", re.I)
FORBIDDEN_IN_SOURCE = re.compile(rf"(?<!\w)(?:{'|'.join(REPLACED_IN_SOURCE)})(?!\w)", re.I)
# Participles that do not end in -ed. A function whose name ends in one of them, or in -ed, does not
# say what it does, unless the name begins with a verb ("choose_labelled") or asks ("is_derived").
IRREGULAR = {"chosen", "drawn", "found", "given", "held", "kept", "known", "made", "seen", "shown"}
IRREGULAR |= {"taken", "told", "written"}
NO_PARTICIPLES = {"embed", "feed", "need", "seed"}
VERBS = {"call", "check", "choose", "draw", "emit", "find", "load", "paint", "read", "score", "set"}
VERBS |= {"show", "train"}
QUESTIONS = {"can", "has", "is", "may", "needs", "on", "was", "why"}
ALLOWED = re.compile(r"\bground truth\b", re.I)


def prose(page: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a page without its code, paths and tables of names."""
    text = page.read_text("utf8")
    text = re.sub(r"```.*?```", lambda block: "\n" * block[0].count("\n"), text, flags=re.S)
    text = re.sub(r"`[^`\n]*`|\]\([^)]*\)|<!--.*?-->", "", text)
    yield from enumerate(text.splitlines(), 1)


def strings(module: Path) -> Iterator[tuple[int, str]]:
    """Yield a module's docstrings, messages and labels without names, code and examples."""
    for node in ast.walk(ast.parse(module.read_text("utf8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = re.sub(
                r"`[^`\n]*`|^ *\w+$|^ *>>>(?:.|\n)*?(?:\n *\n|\Z)", "", node.value, flags=re.M
            )
            if " " in text.strip() and text not in KEYS:
                yield node.lineno, text


def replaced_words(text: str) -> list[str]:
    return FORBIDDEN.findall(ALLOWED.sub("", text))


@cache
def helps() -> dict[str, str]:
    """Return the help text of every command, and of its options, as click prints them."""
    from napari_lns.cli import app

    texts: dict[str, str] = {}
    todo: list[tuple[str, click.Command]] = [("napari-lns", typer.main.get_command(app))]
    while todo:
        name, command = todo.pop()
        options = (getattr(option, "help", None) or "" for option in command.params)
        texts[name] = "\n".join([command.help or "", *options])
        children = getattr(command, "commands", {})
        todo += [(f"{name} {child}", each) for child, each in children.items()]
    return texts


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_uses_the_projects_words(page: Path) -> None:
    lines = [(line, text.strip()) for line, text in prose(page) if replaced_words(text)]
    assert not lines, f"{page.name}: see the words that replace them in {__file__}"


def test_help_texts_use_the_projects_words() -> None:
    words = {name: replaced_words(text) for name, text in helps().items()}
    assert len(words) > 15
    assert not {name: found for name, found in words.items() if found}


def test_docstrings_and_messages_use_the_projects_words() -> None:
    found = [
        (str(module.relative_to(SOURCE)), line, word)
        for module in sorted(SOURCE.rglob("*.py"))
        for line, text in strings(module)
        for word in replaced_words(text)
    ]
    assert not found


def test_the_source_is_free_of_further_words() -> None:
    found = [
        (str(module.relative_to(SOURCE)), line, word)
        for module in sorted(SOURCE.rglob("*.py"))
        for line, text in strings(module)
        for word in FORBIDDEN_IN_SOURCE.findall(" ".join(text.split()))
    ]
    assert not found


def function_names() -> Iterator[tuple[str, str]]:
    """Yield the names of all functions and methods, each with its module."""
    for module in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text("utf8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield str(module.relative_to(SOURCE)), node.name


def is_participle(name: str) -> bool:
    words = name.strip("_").split("_")
    last = words[-1]
    if not (last in IRREGULAR or (last.endswith("ed") and last not in NO_PARTICIPLES)):
        return False
    return len(words) == 1 or words[0] not in VERBS | QUESTIONS


def test_no_function_is_named_by_a_participle() -> None:
    names = [*function_names()]
    assert len(names) > 2000
    assert not [(module, name) for module, name in names if is_participle(name)]


@pytest.mark.parametrize("name", ["stretched", "plan_told", "_compared", "found"])
def test_names_that_are_participles_are_caught(name: str) -> None:
    assert is_participle(name)


@pytest.mark.parametrize("name", ["seed", "_embed", "is_derived", "choose_labelled", "on_clicked"])
def test_verbs_and_questions_are_no_participles(name: str) -> None:
    assert not is_participle(name)


def test_the_manifests_titles_use_the_projects_words() -> None:
    manifest = yaml.safe_load((REPOSITORY / "napari.yaml").read_text("utf8"))
    texts: list[str] = []

    def collect(value: object) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("title", "display_name", "description") and isinstance(inner, str):
                    texts.append(inner)
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(manifest)
    assert len(texts) > 30
    assert not [text for text in texts if replaced_words(text)]


def test_the_stimuli_use_the_projects_words() -> None:
    from napari_lns import stimuli

    for name in stimuli.names():
        parameters = stimuli.parameters(name).values()
        texts = [stimuli.description(name), *(each.description for each in parameters)]
        assert not [text for text in texts if replaced_words(text)], name


@pytest.mark.parametrize(
    "text", ["the ground truth of an image", "`redraw()`", "docs/pictures/demo.png"]
)
def test_right_words_pass(text: str) -> None:
    assert not replaced_words(text)


@pytest.mark.parametrize(
    "text", ["Redrawing error", "a picture", "agrees with the truth", "the network knows it"]
)
def test_replaced_words_are_caught(text: str) -> None:
    assert replaced_words(text)
