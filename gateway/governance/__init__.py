"""The control plane: a folder or file a subject."""
