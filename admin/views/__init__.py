"""The pages, one a file. A page makes no decisions: it shows what the control plane returns."""
