"""Occlusion: do the two arms of an occluded bar covary?

A lying bar passes behind an upright one, or in front of it: the shading does not say which. Its two
arms do not touch. How similar are their responses to latent noise, and how similar is each to the
upright bar between them? The table in Inspect shows it for any regions that you draw.
"""

import napari
from scipy.ndimage import label

import napari_lns as lns

stimulus = lns.stimuli.draw("gradient_occlusion", index=5)
found = lns.segment(stimulus, "gradient-occlusion-ae", clusters=3)

pieces, count = label(stimulus.parts["lying bar alone"])
areas = sorted(range(1, count + 1), key=lambda piece: -(pieces == piece).sum())
masks = {f"arm {number}": pieces == piece for number, piece in enumerate(areas[:2], start=1)}
masks["upright bar"] = stimulus.parts["upright bar alone"]
print(lns.analysis.region_table(found, masks).round(2).to_string(index=False))

viewer = napari.Viewer(title="Occlusion")
lns.viewer.add_stimulus(viewer, stimulus)
lns.viewer.show(found, viewer)
inspect = lns.viewer.InspectWidget(viewer)
viewer.window.add_dock_widget(inspect, name="Inspect")
inspect.show_page(inspect.regions)

if __name__ == "__main__":
    napari.run()
