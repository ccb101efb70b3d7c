"""The Stimuli widget, and scenes made of shapes, labels and drawings."""
