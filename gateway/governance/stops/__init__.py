"""Stop switches on use cases, deployments, aliases and keys."""
