"""The console: an HTTP client of the control plane that sends the user's own credential."""
