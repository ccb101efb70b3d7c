"""Images a second on one core, beside drawing every canvas whole.

Run it with ``python benchmarks/stimuli.py``; it takes about half a minute.
"""

from collections.abc import Callable, Iterator
from itertools import count
from time import process_time

import _plain_good_gestalt as plain

from napari_lns import stimuli
from napari_lns.stimuli import good_gestalt, worlds
from napari_lns.stimuli.good_gestalt._sets import scene

BATCH = 64


def rate(step: Callable[[], object], images: int, seconds: float = 0.5, repeats: int = 3) -> float:
    """Measure images a second of a core's time, the best of some repeats."""
    step()
    best = 0.0
    for _ in range(repeats):
        begin, done = process_time(), 0
        while process_time() - begin < seconds / repeats:
            step()
            done += images
        best = max(best, done / (process_time() - begin))
    return best


def plainly(name: str) -> Iterator[object]:
    """Draw training images one after the other on whole canvases."""
    return (plain.image(name, scene(name, "train", 0, index)) for index in count())


def on_canvas(name: str) -> Iterator[object]:
    """Draw a stimulus with jitter one after the other, each surface on a whole canvas."""
    jitter = {"jitter": 1.0} if "jitter" in stimuli.parameters(name) else {}
    return (stimuli.draw(name, seed=seed, **jitter) for seed in count())


def main() -> None:
    """Print one line for each set and each world."""
    print(f"{'training images a second, 64²':32}{'ours':>10}{'plain':>10}{'ratio':>9}")
    for name in good_gestalt.NAMES:
        batches, singles = good_gestalt.stream(name, batch=BATCH), plainly(name)
        ours = rate(lambda it=batches: next(it), BATCH)
        slow = rate(lambda it=singles: next(it), 1)
        print(f"{name:32}{ours:10,.0f}{slow:10,.0f}{ours / slow:8.0f}×")
    print(f"\n{'scenes of worlds a second, 64²':32}{'world':>10}{'canvas':>10}{'ratio':>9}")
    for name in worlds.names():
        scenes, drawn = stimuli.world(name, batch=BATCH), on_canvas(worlds.find_stimulus(name))
        ours = rate(lambda it=scenes: next(it), BATCH)
        slow = rate(lambda it=drawn: next(it), 1)
        print(f"{name:32}{ours:10,.0f}{slow:10,.0f}{ours / slow:8.0f}×")
    print("\nThe paper's generator: 150 to 550 on whole canvases, 2,000 for closure.")


if __name__ == "__main__":
    main()
