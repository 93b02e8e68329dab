"""The console: a client of the control plane, over HTTP and with the user's own credential."""
