from .demo import open_demo
from .inspect.compare import Comparison
from .inspect.inspection import Inspection
from .inspect.panel import Panel
from .inspect.widget import InspectWidget
from .layers.notes import read_note
from .layers.placing import put
from .layers.planning import plan_layers
from .layers.stimulus import add_stimulus
from .observe.widget import ObserveWidget
from .script import make_script
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
    "make_script",
    "open_demo",
    "plan_layers",
    "put",
    "read_note",
    "show",
]
