"""The catalogue: the schema of sluis.yaml, and the stored objects."""
