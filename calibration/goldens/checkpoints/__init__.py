"""Sana checkpoints with random weights: which configurations, and how the weights are drawn."""
