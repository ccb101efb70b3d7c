"""An illusory contour by hand: is there an edge where nothing is drawn?

A Kanizsa square is segmented, and a line is drawn from its middle across its left side, between
two discs, where the image itself does not change. Inspect plots variance and affinity along the
line: drag its ends over a disc, or beside the square, and see how the edge changes.
"""

import napari
import numpy as np

import napari_lns as lns

SQUARE = 2  # in the stimulus's ground truth

stimulus = lns.stimuli.draw("kanizsa")
found = lns.segment(stimulus, "kanizsa-ae", clusters=3)
viewer = lns.viewer.show(found)

rows, columns = np.nonzero(stimulus.labels == SQUARE)
middle = [rows.mean(), columns.mean()]
line = np.array([middle, [rows.mean(), columns.min() - 6]])

along = lns.analysis.profile(found, line)
drawn = np.ptp(stimulus.image[along.rows, along.columns], axis=0).max()
place = int(along.to_next.argmin())
print(f"the image changes by {drawn:.2f} along the line")
print(f"affinity falls to {along.to_next[place]:.2f} after {along.distance[place]:.0f} pixels")
print(f"the square's side is {middle[1] - columns.min():.0f} pixels away")

# the same by hand, and live: Inspect plots the line of this layer while it moves
shapes = viewer.add_shapes([line], shape_type="line", edge_color="#d55e00", name="across the side")
inspect = lns.viewer.InspectWidget(viewer)
viewer.window.add_dock_widget(inspect, name="Inspect")
inspect.show_page(inspect.line)
inspect.line.follow_shapes(shapes)

if __name__ == "__main__":
    napari.run()
