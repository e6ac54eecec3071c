"""The same run in diffusers and in sana-quant."""
