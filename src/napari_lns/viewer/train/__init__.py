"""The Train widget, and training as a window runs it."""
