"""Engines over text: patterns, automata, strict JSON, YAML."""
