"""Everything that needs napari or Qt: widgets, layers, readers, writers, sample data, the demo."""
