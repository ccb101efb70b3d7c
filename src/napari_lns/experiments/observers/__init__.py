"""Observers: plans of trials; answers of people, networks and simulated observers; analysis."""

from __future__ import annotations

from napari_lns.experiments.observers.answers import (
    Answer,
    Answers,
    read_answers,
    write_answers,
)
from napari_lns.experiments.observers.model import ask_model
from napari_lns.experiments.observers.plan import Pairs, Plan, Source, read_plan
from napari_lns.experiments.observers.practice import practice_trials
from napari_lns.experiments.observers.recording import open_table, table_path
from napari_lns.experiments.observers.simulated import simulate
from napari_lns.experiments.observers.trials import Trial, TrialImage, trials

__all__ = [
    "Answer",
    "Answers",
    "Pairs",
    "Plan",
    "Source",
    "Trial",
    "TrialImage",
    "ask_model",
    "open_table",
    "practice_trials",
    "read_answers",
    "read_plan",
    "simulate",
    "table_path",
    "trials",
    "write_answers",
]
