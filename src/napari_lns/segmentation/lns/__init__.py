"""Latent Noise Segmentation: its settings, its ways to estimate what covaries, its noise."""
