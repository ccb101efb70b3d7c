"""Invariant information clustering (Ji, Henriques and Vedaldi, 2019): networks, losses, training."""
