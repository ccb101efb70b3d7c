"""The Train widget, and training in the background."""
