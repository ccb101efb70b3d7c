"""What the pages say works: their Python runs, their commands and options are there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
SHOWN_ONLY = {"bibtex", "json", "mermaid", "text", "toml", "yaml"}
PROJECTS_OWN = {"make", "napari-lns", ".venv/bin/napari-lns"}
OTHERS = {"cd", "git", "napari", "pip", "python", "sudo", "source", "xvfb-run"}
# A page ends with the viewer open; a test goes on.
NO_EVENT_LOOP = "import napari; napari.run = lambda *_, **__: None; del napari\n"

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY))
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its lines without indentation, and where they start."""

    language: str
    first_line: int
    lines: tuple[str, ...]


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf8")
    for fence in re.finditer(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```$", text, re.M | re.S):
        lines = tuple(line.removeprefix(fence[1]) for line in fence[3].splitlines())
        yield Block(fence[2], text[: fence.start(3)].count("\n"), lines)


def script(page: Path) -> str:
    """The page's Python, each line where it stands on the page, so that errors name its line."""
    lines = [""] * len(page.read_text("utf8").splitlines())
    for block in blocks(page):
        if block.language == "python":
            lines[block.first_line : block.first_line + len(block.lines)] = block.lines
    return "\n".join(lines)


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every shell command, in blocks (after a `$` if it has any) and in the text."""
    for block in blocks(page):
        if block.language in ("bash", "console"):
            lines = "\n".join(block.lines).replace("\\\n", " ").splitlines()
            prompt = "$ " if any(line.startswith("$ ") for line in lines) else ""
            for line in lines:
                if line.startswith(prompt):
                    words = shlex.split(line.removeprefix(prompt), comments=True)
                    yield from [words] if words else []
    for span in re.findall(r"`((?:napari-lns|make|python) [^`\n]+)`", without_blocks(page)):
        yield shlex.split(span.replace("…", ""))


def without_blocks(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text("utf8"), flags=re.S)


def targets() -> set[str]:
    return set(re.findall(r"[\w-]+", " ".join(re.findall(r"^([^#\t\n:=]+):", MAKEFILE, re.M))))


MAKEFILE = (REPOSITORY / "Makefile").read_text()


@cache
def options_of(path: tuple[str, ...]) -> str:
    """What `napari-lns … --help` prints, wide enough that no option is cut."""
    from typer.testing import CliRunner

    from napari_lns.cli import app

    done = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "300", "TERM": "dumb"})
    assert done.exit_code == 0, f"napari-lns {' '.join(path)}: there is no such command"
    return done.output


def check_own_command(words: list[str]) -> None:
    """Follow the words through the groups of commands, then look for each option."""
    path: tuple[str, ...] = ()
    for word in takewhile(lambda word: not word.startswith("-"), words[1:]):
        if " COMMAND " in options_of(path):  # later words are values of options
            path = (*path, word)
    for option in re.findall(r"--[\w-]+", " ".join(words)):
        assert re.search(rf"{option}\b", options_of(path)), f"{path} has no {option}"
    options_of(path)


@each_page
def test_a_pages_python_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, run_python: Callable[..., str]
) -> None:
    code = script(page)
    if code.strip():
        first = NO_EVENT_LOOP if "napari.run()" in code else "\n"
        assert not code.partition("\n")[0], "a page begins with its title"
        file = tmp_path / page.with_suffix(".py").name
        file.write_text(first + code.partition("\n")[2], "utf8")
        run_python(file.name)


@each_page
def test_a_pages_commands_are_there(page: Path) -> None:
    for words in commands(page):
        words = [word for word in words if not re.match(r"\w+=", word)]
        if words[0] == "make":
            assert set(words[1:]) <= targets()
        elif words[0] in PROJECTS_OWN:
            check_own_command(words)
        elif words[0] == "python" and not words[1].startswith("-"):
            assert (REPOSITORY / words[1]).exists() or words[1] == "my_script.py", words[1]
        else:
            assert words[0] in OTHERS, f"{words[0]!r} is not known to this test"


@each_page
def test_a_pages_blocks_name_their_language(page: Path) -> None:
    known = SHOWN_ONLY | {"python", "bash", "console"}
    assert {block.language for block in blocks(page)} <= known


@each_page
def test_a_pages_links_and_images_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", without_blocks(page)):
        if not re.match(r"https?:|mailto:", target):
            assert (page.parent / target).exists(), target
