"""The Segment widget: its forms, its runs and the display of their results."""
