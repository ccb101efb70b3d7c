"""Print constraints for pip that hold each dependency to the lowest version that is allowed."""

import re
import tomllib
from pathlib import Path

FOR_DEVELOPERS = ("dev", "docs", "test")

project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"].items()
optional = [each for name, held in extras if name not in FOR_DEVELOPERS for each in held]
for requirement in [*project["dependencies"], *optional]:
    bound = re.match(r"([\w-]+)(?:\[[\w,]+\])?>=([\d.]+)", requirement)
    if bound is not None:
        print(f"{bound[1]}=={bound[2]}")
