"""Model and inspect perceptual grouping with Latent Noise Segmentation in napari.

The public names are those of ``__init__.pyi``. Each is loaded on first use, so that importing the
package costs nothing: napari can discover the plugin without torch, Qt or a display.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
