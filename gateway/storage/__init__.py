"""The database of the control plane, its metadata, and bundled data directories."""
