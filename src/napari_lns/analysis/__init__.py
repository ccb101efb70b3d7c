"""Analysis of segmentations: scores, uncertainty, affinities, profiles, tables and figures.

The public names are those of ``__init__.pyi``; each is loaded on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
