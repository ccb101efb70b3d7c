"""Stimuli with ground truth: parametric stimuli, the Good Gestalt sets, scenes and files.

Public names are loaded on first use. ``scripts/update_generated.py`` writes their list,
``__init__.pyi``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
