"""Flagged requests that a person reviews: by a content rule with the action ``flag``."""
