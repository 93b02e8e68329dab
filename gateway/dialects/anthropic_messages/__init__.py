"""Anthropic Messages, as a provider speaks it."""
