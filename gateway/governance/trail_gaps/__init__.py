"""Gaps in the trail after an older backup was restored."""
