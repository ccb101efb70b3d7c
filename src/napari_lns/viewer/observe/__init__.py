"""The Observe widget, and the window that runs the trials of a plan with a person."""
