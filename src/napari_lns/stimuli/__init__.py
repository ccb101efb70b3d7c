"""Stimuli: `Stimulus`, the Good Gestalt sets, parametric illusions, files.

The public names are those of ``__init__.pyi``, which ``scripts/update_generated.py`` writes; each
is loaded on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
