"""Observers in Qt: the window that runs a plan's trials, and the Observe widget."""
