"""Who acts in the control plane, and what their roles allow."""
