"""What is shown: `Stimulus`, the Good Gestalt sets, parametric illusions, files."""

from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["Stimulus"]
