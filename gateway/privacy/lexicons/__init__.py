"""Word lists of the rules."""
