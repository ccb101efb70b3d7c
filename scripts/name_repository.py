"""Name the repository in what goes to PyPI: links of README, addresses in the metadata.

    python scripts/name_repository.py https://github.com/OWNER/napari-lns v0.1.0

PyPI and the napari hub show README without the files beside it, so its links must be absolute.
Where the repository lies is known to the release workflow alone, which runs this before it builds.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)]+)\)")


def absolute(text: str, repository: str, tag: str) -> str:
    """Return Markdown with absolute links: pictures to their bytes, files to their pages."""

    def link(found: re.Match[str]) -> str:
        kind = "raw" if found[1] else "blob"
        return f"{found[1]}[{found[2]}]({repository}/{kind}/{tag}/{found[3]})"

    return LINK.sub(link, text)


def with_badges(text: str, repository: str, tag: str) -> str:
    """Return README with badges below its title: they work once the release is on PyPI."""
    shields = "https://img.shields.io"
    hub = "https://api.napari-hub.org/shields/napari-lns"
    tests = f"{repository}/actions/workflows/test.yml"
    pypi = "https://pypi.org/project/napari-lns/"
    badges = [
        f"[![PyPI]({shields}/pypi/v/napari-lns.svg)]({pypi})",
        f"[![Python]({shields}/pypi/pyversions/napari-lns.svg)]({pypi})",
        f"[![Licence]({shields}/pypi/l/napari-lns.svg)]({repository}/blob/{tag}/LICENSE)",
        f"[![tests]({tests}/badge.svg)]({tests})",
        f"[![napari hub]({shields}/endpoint?url={hub})](https://napari-hub.org/plugins/napari-lns)",
    ]
    title, rest = text.split("\n", 1)
    return "\n".join([title, "", *badges, rest])


def with_urls(text: str, repository: str, tag: str) -> str:
    """Return pyproject.toml with the repository's addresses in [project.urls]."""
    owner, name = urlsplit(repository).path.strip("/").split("/")
    urls = {
        "Repository": repository,
        "Documentation": f"https://{owner.lower()}.github.io/{name}/",
        "Issues": f"{repository}/issues",
        "Changelog": f"{repository}/blob/{tag}/CHANGELOG.md",
    }
    lines = "".join(f'{key} = "{value}"\n' for key, value in urls.items())
    return text.replace("[project.urls]\n", f"[project.urls]\n{lines}", 1)


def main(repository: str, tag: str) -> None:
    """Change README and pyproject.toml where they lie."""
    changes = {"README.md": (absolute, with_badges), "pyproject.toml": (with_urls,)}
    for name, steps in changes.items():
        text = (ROOT / name).read_text("utf8")
        for step in steps:
            text = step(text, repository.rstrip("/"), tag)
        (ROOT / name).write_text(text, "utf8")


if __name__ == "__main__":
    main(*sys.argv[1:])
