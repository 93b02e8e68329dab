"""API keys of applications and persons."""
