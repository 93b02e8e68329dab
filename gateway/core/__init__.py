"""Values and rules that every part shares; no framework."""
