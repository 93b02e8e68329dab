"""The catalogue: sluis.yaml, and what applying it changes."""
