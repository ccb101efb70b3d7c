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
# Further words that the packages in `REVISED` are free of.
REPLACED_IN_PACKAGES = {
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
}
REVISED = [SOURCE / "stimuli", SOURCE / "models"]
# The key of a score on models' cards: files hold it, and nobody reads it.
KEYS = {"own draws"}
FORBIDDEN = re.compile(rf"(?<![\w.`/-])(?:{'|'.join(REPLACED)})(?![\w`/])", re.I)
FORBIDDEN_IN_PACKAGES = re.compile(rf"(?<!\w)(?:{'|'.join(REPLACED_IN_PACKAGES)})(?!\w)", re.I)
# Participles without an ending in -ed; a name of one word ending so does not say what it does.
IRREGULAR = {"chosen", "drawn", "found", "given", "held", "kept", "known", "made", "seen", "shown"}
IRREGULAR |= {"taken", "told", "written"}
NOT_PARTICIPLES = {"choose_labelled"}  # verb and object
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


def test_revised_packages_are_free_of_further_words() -> None:
    found = [
        (str(module.relative_to(SOURCE)), line, word)
        for package in REVISED
        for module in sorted(package.rglob("*.py"))
        for line, text in strings(module)
        for word in FORBIDDEN_IN_PACKAGES.findall(" ".join(text.split()))
    ]
    assert not found


def public_functions(module: Path) -> set[str]:
    """Return the names of a module's functions that are in its `__all__`."""
    body = ast.parse(module.read_text("utf8")).body
    names = {
        each
        for node in body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for each in (ast.literal_eval(node.value) if isinstance(node.value, ast.List) else ())
    }
    return names & {node.name for node in body if isinstance(node, ast.FunctionDef)}


def is_participle(name: str) -> bool:
    word = name.rpartition("_")[2]
    return name not in NOT_PARTICIPLES and (word.endswith("ed") or word in IRREGULAR)


def test_no_public_function_of_the_revised_packages_is_named_by_a_participle() -> None:
    modules = [module for package in REVISED for module in package.rglob("*.py")]
    names = {name for module in modules for name in public_functions(module)}
    assert len(names) > 150
    assert not {name for name in names if is_participle(name)}
    assert is_participle("stretched")
    assert is_participle("plan_told")


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
