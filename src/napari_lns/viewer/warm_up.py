"""Do slow first-time work in background threads before it is needed.

Importing torch takes seconds, and functions compiled by numba take longer: napari's functions for
shapes take 17 to 35 seconds once per installation. The threads are daemons, so that the program
can exit without waiting for them.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from qtpy.QtCore import QObject, QTimer

__all__ = ["WarmUp", "segmentation", "shapes"]

POLL_INTERVAL = 100  # milliseconds between two checks for the end of the work


class WarmUp:
    """Work that runs once per process, off the main thread.

    Parameters
    ----------
    work
        The function to call. Its errors are ignored: they occur again where its result is used.

    Examples
    --------
    >>> done = []
    >>> warm = WarmUp(lambda: done.append(1))
    >>> warm.start()
    >>> warm.start()
    >>> warm.wait()
    >>> warm.is_done, done
    (True, [1])
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work, self._done = work, Event()
        self._thread: Thread | None = None

    @property
    def is_done(self) -> bool:
        """Return whether the work has ended."""
        return self._done.is_set()

    def start(self) -> None:
        """Start the work, unless it was started before."""
        if self._thread is None:
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Block until the work has ended."""
        self._done.wait()

    def call_when_done(self, owner: QObject, do: Callable[[], object]) -> None:
        """Call a function on the main thread after the work, unless the owner is deleted before.

        Parameters
        ----------
        owner
            The object that owns the timer.
        do
            The function to call. It is called at once if the work has already ended.
        """
        self.start()
        if self.is_done:
            do()
            return
        timer = QTimer(owner)
        timer.timeout.connect(lambda: self._check(timer, do))
        timer.start(POLL_INTERVAL)

    def _check(self, timer: QTimer, do: Callable[[], object]) -> None:
        if self.is_done:
            timer.stop()
            timer.deleteLater()
            do()

    def _run(self) -> None:
        try:
            self._work()
        except Exception:
            return
        finally:
            self._done.set()


def _segment_tiny_image() -> None:
    """Segment a tiny image, which imports and compiles everything that a run needs."""
    import numpy as np

    from napari_lns import segment
    from napari_lns.viewer.own_models import shipped_models

    image = np.random.default_rng(0).random((16, 16, 3), np.float32)
    segment(image, shipped_models()[0], samples=2, device="cpu")


def _compile_shapes() -> None:
    """Compile napari's functions for filling and outlining shapes.

    napari itself calls this function on the main thread for the first Shapes layer. Creating a
    layer here would do the same, but layers must not be created in two threads at once.
    """
    from napari.layers.shapes._accelerated_triangulate_dispatch import warmup_numba_cache

    warmup_numba_cache()


segmentation = WarmUp(_segment_tiny_image)
shapes = WarmUp(_compile_shapes)
