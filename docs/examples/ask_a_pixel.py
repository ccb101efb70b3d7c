"""Ask a pixel whom it belongs to, by hand or from a script.

Hover over the picture: the map shows how like the pixel under the mouse all others are. A click
pins it. Here a pixel of the illusory square is pinned by a script, and the same numbers are read
without a window.
"""

import napari
import numpy as np

import napari_lns as lns

stimulus = lns.stimuli.draw("kanizsa")
found = lns.segment(stimulus, "kanizsa-ae", clusters=3)
row, column = np.argwhere(stimulus.labels == 2).mean(axis=0).astype(int)

reading = lns.analysis.Probe(found).read(row, column, restart=1 / 20)
print(lns.analysis.describe(reading))
print(f"the group grown from it has {reading.group.sum()} pixels")

viewer = lns.viewer.show(found)
inspect = lns.viewer.InspectWidget(viewer)
viewer.window.add_dock_widget(inspect, name="Inspect")
inspect.turn_to(inspect.pixel)
inspect.pixel.pin(row, column)

if __name__ == "__main__":
    napari.run()
