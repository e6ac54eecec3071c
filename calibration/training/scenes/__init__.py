"""Procedural captioned scenes: a grammar, captions for it, and a renderer."""
