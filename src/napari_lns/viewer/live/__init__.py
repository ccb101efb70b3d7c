"""Segments that follow a stimulus while its parameters change."""
