"""Observers: plans of trials, answers of people, networks and simulated observers, analysis."""

from __future__ import annotations

from napari_lns.experiments.observers.answers import (
    Answer,
    Answers,
    read_answers,
    recording,
    write_answers,
)
from napari_lns.experiments.observers.model import ask_model
from napari_lns.experiments.observers.plan import Pairs, Plan, Source, read_plan
from napari_lns.experiments.observers.simulated import simulate
from napari_lns.experiments.observers.trials import Shown, Trial, trials

__all__ = [
    "Answer",
    "Answers",
    "Pairs",
    "Plan",
    "Shown",
    "Source",
    "Trial",
    "ask_model",
    "read_answers",
    "read_plan",
    "recording",
    "simulate",
    "trials",
    "write_answers",
]
