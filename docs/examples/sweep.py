"""Sweep: how large a gap in a contour may be before the figure falls apart.

One slice for each support ratio of a Kanizsa figure: the drawn share of each side. The slider
below the canvas goes through them; image and segments change together, and Inspect follows.
"""

import napari
import numpy as np

import napari_lns as lns

RATIOS = np.linspace(0.25, 0.75, 4)  # what the network was trained on

drawn = [lns.stimuli.draw("kanizsa_figure", support_ratio=ratio) for ratio in RATIOS]
found = {
    place: lns.segment(stimulus, "kanizsa-figure", clusters=3)
    for place, stimulus in enumerate(drawn)
}
for ratio, stimulus, result in zip(RATIOS, drawn, found.values(), strict=True):
    score = result.score(stimulus.labels)
    print(f"support ratio {ratio:.1f}: ARI {score:.2f}")

viewer = napari.Viewer(title="Support ratio")
stack = np.stack([stimulus.image for stimulus in drawn])
image = viewer.add_image(stack, name="support ratio", rgb=True, contrast_limits=(0, 1))
layers = lns.viewer.plan_layers(found, count=len(drawn))
lns.viewer.put(viewer, layers, image.name, over=image)
viewer.dims.axis_labels = ["support ratio", "y", "x"]
viewer.dims.set_current_step(0, 0)

if __name__ == "__main__":
    napari.run()
