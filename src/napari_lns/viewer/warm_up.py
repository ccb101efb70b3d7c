"""What is slow for the first time in a process, done beside the window before it is needed.

Torch takes seconds to import, and functions that numba compiles take longer still: napari's own
for shapes 17 to 35 seconds once in an installation. Threads here are daemons, so that a program
that ends does not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from qtpy.QtCore import QObject, QTimer

__all__ = ["WarmUp", "segmentation", "shapes"]

POLL_INTERVAL = 100  # milliseconds between two looks at whether it is done


class WarmUp:
    """Something to do once in a process, off the main thread.

    Parameters
    ----------
    work
        What to do; an error is passed over, since what is warmed up here reports it when used.

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
        """Return whether it is done."""
        return self._done.is_set()

    def start(self) -> None:
        """Begin, unless that has happened."""
        if self._thread is None:
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Block until it is done."""
        self._done.wait()

    def call_when_done(self, owner: QObject, do: Callable[[], object]) -> None:
        """Do something on the main thread once it is done; nothing if the owner has gone by then.

        Parameters
        ----------
        owner
            The object on whose behalf it is done.
        do
            What to do; at once if there is nothing to wait for.
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
    """Segment a tiny image: that imports and compiles all that a first run needs."""
    import numpy as np

    from napari_lns import segment
    from napari_lns.viewer.own_models import shipped_models

    image = np.random.default_rng(0).random((16, 16, 3), np.float32)
    segment(image, shipped_models()[0], samples=2, device="cpu")


def _compile_shapes() -> None:
    """Let napari compile how it fills and outlines shapes.

    Its own function, which the first layer of shapes calls on the main thread. Making a layer here
    would do the same, but two layers must not be made at once: their units are not thread-safe.
    """
    from napari.layers.shapes._accelerated_triangulate_dispatch import warmup_numba_cache

    warmup_numba_cache()


segmentation = WarmUp(_segment_tiny_image)
shapes = WarmUp(_compile_shapes)
