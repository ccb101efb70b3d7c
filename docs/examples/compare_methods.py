"""Compare methods: segment one image by several methods, side by side.

The grid shows, for each method, the affinity of all pixels to one pixel of the square. The cursors
are linked: open Inspect, tick the runs on its page Runs, and they follow the mouse.
"""

import napari
import numpy as np

import napari_lns as lns

METHODS = {
    "exact": {"method": "exact"},
    "sampled": {"method": "sampled"},
    "walking": {"segmenter": "dwc"},
    "colour": {"segmenter": "baseline"},
}

stimulus = lns.stimuli.draw("kanizsa")
viewer = napari.Viewer(title="Methods side by side")
image, _ = lns.viewer.add_stimulus(viewer, stimulus)

runs = []
for name, method in METHODS.items():
    found = lns.segment(stimulus, "kanizsa-ae", clusters=3, **method)
    print(f"{name}: ARI {found.score(stimulus.labels):.2f}")
    layers = lns.viewer.plan_layers({0: found})
    runs.append(lns.viewer.put(viewer, layers, name, over=image)[-1])

row, column = np.argwhere(stimulus.labels == 2).mean(axis=0).astype(int)
comparison = lns.viewer.Comparison(
    viewer, runs
)  # comparison.close() shows again what was shown before
comparison.follow(row, column)

if __name__ == "__main__":
    napari.run()
