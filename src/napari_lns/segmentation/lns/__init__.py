"""Latent Noise Segmentation: settings, estimation methods and noise."""
