"""Segment a stimulus live while its parameters change."""
