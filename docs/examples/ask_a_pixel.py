"""Affinity: show which pixels group with one pixel, by hand or from a script.

Hover over the image: the map shows how strongly each pixel covaries with the one under the mouse. A
click pins it. This script pins a pixel of the illusory square, and reads the same numbers without a
window.
"""

import napari
import numpy as np

import napari_lns as lns

stimulus = lns.stimuli.draw("kanizsa")
found = lns.segment(stimulus, "kanizsa-ae", clusters=3)
row, column = np.argwhere(stimulus.labels == 2).mean(axis=0).astype(int)

reading = lns.analysis.Probe(found).read(row, column, restart=1 / 20)
print(lns.analysis.describe(reading))
print(f"the segment grown from it has {reading.group.sum()} pixels")

viewer = lns.viewer.show(found)
inspect = lns.viewer.InspectWidget(viewer)
viewer.window.add_dock_widget(inspect, name="Inspect")
inspect.show_page(inspect.pixel)
inspect.pixel.pin(row, column)

if __name__ == "__main__":
    napari.run()
