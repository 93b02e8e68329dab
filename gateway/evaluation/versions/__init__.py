"""Evaluations of model versions: suites, scorers of answers, and their uncertainty."""
