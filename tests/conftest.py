"""What all tests share: one thread, no network, no settings and caches of the user's own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest

REPOSITORY = Path(__file__).parents[1]

# A shell's background jobs ignore Ctrl-C, and so would the commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Before anything reads them: matplotlib keeps its own cache, since its list of fonts takes seconds.
_home = TemporaryDirectory(prefix="napari-lns-tests-", ignore_cleanup_errors=True)
os.environ.setdefault("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib"))
os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "MPLBACKEND": "agg",
    "NAPARI_CONFIG": str(Path(_home.name) / "napari.yaml"),
    "XDG_CACHE_HOME": str(Path(_home.name) / "cache"),
    "XDG_CONFIG_HOME": str(Path(_home.name) / "config"),
}
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run, and no clock: machines are shared, and the first call compiles.
hypothesis.settings.register_profile("shared", deadline=None, derandomize=True)
hypothesis.settings.load_profile("shared")

LOCAL = {"127.0.0.1", "::1", "localhost"}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say what is missing, where Qt would end the whole process."""
    windows = REPOSITORY / "tests" / "viewer" in item.path.parents
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if windows and sys.platform == "linux" and not display:
        pytest.skip("there is no display: run them with `make test`")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        internet = self.family in (socket.AF_INET, socket.AF_INET6)
        if internet and self.type == socket.SOCK_STREAM and address[0] not in LOCAL:
            raise OSError(f"a test asked the network for {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return REPOSITORY


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., str]:
    """Run Python in a fresh process in a temporary folder, and give its output."""

    def run(*arguments: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            pytest.fail(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}", pytrace=False)
        return done.stdout

    return run
