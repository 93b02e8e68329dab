"""The translator: litellm in a child process, and its client in the gateway."""
