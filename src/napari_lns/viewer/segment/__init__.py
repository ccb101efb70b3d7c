"""The Segment widget: its forms, its runs and what it says of them."""
