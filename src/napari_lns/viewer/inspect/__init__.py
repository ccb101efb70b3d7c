"""The Inspect widget: `Panel`, one module ``*_panel`` a page, and what the pages compute."""
