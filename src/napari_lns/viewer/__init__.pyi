from .demo import open_demo
from .inspect.compare import Comparison
from .inspect.inspected import Inspected
from .inspect.panel import Panel
from .inspect.widget import InspectWidget
from .layers.results import add_stimulus, layers_of, put
from .observe.widget import ObserveWidget
from .script import script_of
from .segment.widget import SegmentWidget
from .showing import show
from .stimuli.widget import StimuliWidget
from .train.widget import TrainWidget

__all__ = [
    "Comparison",
    "InspectWidget",
    "Inspected",
    "ObserveWidget",
    "Panel",
    "SegmentWidget",
    "StimuliWidget",
    "TrainWidget",
    "add_stimulus",
    "layers_of",
    "open_demo",
    "put",
    "script_of",
    "show",
]
