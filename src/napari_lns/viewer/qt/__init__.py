"""Qt without a subject: controls, docks, plots, and work off the main thread."""
