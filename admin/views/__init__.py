"""The pages, a file each. A page decides nothing: it asks the control plane and shows."""
