from .compare import Comparison
from .demo import open_demo
from .inspect_widget import InspectWidget
from .inspected import Inspected
from .layers import add_stimulus, layers_of, put
from .observe.widget import ObserveWidget
from .panel import Panel
from .script import script_of
from .segment_widget import SegmentWidget
from .showing import show
from .stimuli_widget import StimuliWidget
from .train_widget import TrainWidget

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
