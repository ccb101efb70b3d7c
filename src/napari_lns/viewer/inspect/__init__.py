"""The Inspect widget: the base class `Panel`, one ``*_panel`` module per page, and helpers."""
