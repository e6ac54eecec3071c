"""Peers of sana-quant, measured on the same shapes on the same machine in the same run."""
