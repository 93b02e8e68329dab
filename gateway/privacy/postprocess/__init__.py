"""Merges and vetoes after the rules and the classifier, one a file."""
