"""Networks: the paper's AE and VAE, training, shipped weights, and your own models.

The public names are those of ``__init__.pyi``; each is loaded on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
