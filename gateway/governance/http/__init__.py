"""``/admin/v1``: the control plane over HTTP, a slice for each subject."""
