"""Marked data sets, baselines and results of detection. Not part of the wheel."""
