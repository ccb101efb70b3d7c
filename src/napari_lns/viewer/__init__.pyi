from .demo import open_demo
from .inspect.compare import Comparison
from .inspect.inspection import Inspection
from .inspect.panel import Panel
from .inspect.widget import InspectWidget
from .layers.notes import note_of
from .layers.placing import put
from .layers.planning import layers_of
from .layers.stimulus import add_stimulus
from .observe.widget import ObserveWidget
from .script import script_of
from .segment.widget import SegmentWidget
from .showing import show
from .stimuli.widget import StimuliWidget
from .train.widget import TrainWidget

__all__ = [
    "Comparison",
    "InspectWidget",
    "Inspection",
    "ObserveWidget",
    "Panel",
    "SegmentWidget",
    "StimuliWidget",
    "TrainWidget",
    "add_stimulus",
    "layers_of",
    "note_of",
    "open_demo",
    "put",
    "script_of",
    "show",
]
