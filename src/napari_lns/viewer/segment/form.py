"""The form for the arguments of a run: method, model, parameters, seed and device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QSpinBox, QVBoxLayout, QWidget
from superqt import QCollapsible

from napari_lns.segmentation import Segmenter, segmenters
from napari_lns.viewer.own_models import noise_level
from napari_lns.viewer.preferences import preference
from napari_lns.viewer.qt.controls import Choice, ParameterForm, add_row, form_layout
from napari_lns.viewer.segment.model_choice import ModelChoice

__all__ = ["SegmentForm"]

DEVICES = ("auto", "cpu", "cuda", "mps")
# The most used parameters; all others are under More.
COMMON = ("method", "relative_noise", "samples", "clusterer")
MAX_VISIBLE = 6
LABELS = {
    "method": "Noise estimate",
    "relative_noise": "Noise (× latent SD)",
    "noise": "Noise level σ",
    "clusterer": "Clustering",
}
ENTRIES = {
    "sampled": "sampled (paper)",
    "exact": "exact (small-noise limit)",
    "approximate_ward": "approximate Ward",
    "ward": "Ward",
    "kmeans": "k-means",
    "gaussian_mixture": "Gaussian mixture",
}
SEED_TIP = "Random seed; image i of a stack takes seed + i"
DEVICE_TIP = "Where the network runs; auto is the GPU if there is one"


class SegmentForm(QWidget):
    """A form for all arguments of `napari_lns.segment` except image and number of segments.

    Parameters
    ----------
    parent
        The widget that owns it.
    """

    changed = Signal()
    clusterer_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        registered = segmenters()
        self._segmenters = {name: registered[name] for name in sorted(registered, key=_sort_key)}
        self._forms: tuple[ParameterForm, ...] = ()
        self.model = ModelChoice()
        self.model.changed.connect(self._show_noise)
        self.model.changed.connect(self.changed)
        self.segmenter = Choice([(each.title, name) for name, each in self._segmenters.items()])
        self.seed = QSpinBox()
        self.seed.setMaximum(2**31 - 1)
        self.device = Choice([(name, name) for name in DEVICES])
        self.device.setCurrentIndex(max(0, self.device.findData(preference("device"))))
        self._form_slot = QVBoxLayout()
        self._build()
        self.segmenter.currentIndexChanged.connect(self._choose_segmenter)
        self._choose_segmenter()

    @property
    def method(self) -> Segmenter:
        """The chosen segmenter."""
        return self._segmenters[self.segmenter.currentData()]

    @property
    def needs_model(self) -> bool:
        """Whether the method needs a model, given its current parameters."""
        return self.method.needs_model_for(self.parameters())

    def call(self) -> dict[str, Any]:
        """Return the current arguments of `napari_lns.segment`."""
        return {
            "model": self.model.model() if self.needs_model else None,
            "segmenter": self.method.name,
            "seed": self.seed.value(),
            "device": self.device.currentData(),
            **self.parameters(),
        }

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the segmenter."""
        return {name: value for form in self._forms for name, value in form.values().items()}

    def set_call(self, call: Mapping[str, Any]) -> None:
        """Set the arguments that `call` returned; ignore unknown names."""
        self.model.choose(call.get("model") or "")
        self.segmenter.setCurrentIndex(max(0, self.segmenter.findData(call.get("segmenter"))))
        self.seed.setValue(int(call.get("seed", 0)))
        self.device.setCurrentIndex(max(0, self.device.findData(call.get("device"))))
        for form in self._forms:
            form.set_values(call)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        form = form_layout()
        add_row(form, "&Method", self.segmenter, "The segmentation method", below=True)
        add_row(form, "M&odel", self.model, "The network that reconstructs the image", below=True)
        layout.addLayout(form)
        layout.addLayout(self._form_slot)
        last = form_layout()
        add_row(last, "&Seed", self.seed, SEED_TIP)
        add_row(last, "&Device", self.device, DEVICE_TIP)
        layout.addLayout(last)

    def _choose_segmenter(self) -> None:
        method = self.method
        while (item := self._form_slot.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        names = [*method.parameters]
        visible = [*COMMON] if set(COMMON) <= set(names) else names[:MAX_VISIBLE]
        rest = [name for name in names if name not in visible]
        first = _make_form(method, visible)
        more = _make_form(method, rest)
        self._forms = (first, more)
        self._form_slot.addWidget(first)
        self._form_slot.addWidget(self._make_collapsible(more))
        self._apply_preferences()
        for form in self._forms:
            form.changed.connect(self._on_changed)
        if "clusterer" in method.parameters:
            first.control("clusterer").currentIndexChanged.connect(self.clusterer_changed)
        self._on_changed()

    def _on_changed(self) -> None:
        self.model.setEnabled(self.needs_model)
        self._show_noise()
        self.changed.emit()

    def _show_noise(self) -> None:
        """Show the noise level of the network's card, which is used while the field is empty."""
        noise = noise_level(self.model.model())
        text = "automatic" if noise is None else f"auto: {noise:g}"
        for form in self._forms:
            if "relative_noise" in form.values():
                form.control("relative_noise").setPlaceholderText(text)

    def _make_collapsible(self, form: ParameterForm) -> QCollapsible:
        more = QCollapsible("More", expandedIcon="▾", collapsedIcon="▸")
        more.setDuration(0)
        more.setContent(form)
        more.collapse(animate=False)
        if (layout := more.layout()) is not None:
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        more.toggleButton().setToolTip("The method's other parameters")
        return more

    def _apply_preferences(self) -> None:
        for form in self._forms:
            form.set_values({"samples": preference("samples")})


def _make_form(method: Segmenter, names: list[str]) -> ParameterForm:
    return ParameterForm({name: method.parameters[name] for name in names}, LABELS, ENTRIES)


def _sort_key(name: str) -> tuple[bool, str]:
    return name != "lns", name
