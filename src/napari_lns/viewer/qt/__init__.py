"""General Qt helpers: controls, docks, plots, and work off the main thread.

Nothing in this package depends on the widgets of the plugin.
"""
