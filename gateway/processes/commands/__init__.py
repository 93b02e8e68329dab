"""The commands of ``sluis``: a file for each slice of the control plane."""
