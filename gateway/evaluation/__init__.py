"""Scores of a detector on texts whose personal data is marked.

The package depends on no detector: it takes a function that returns spans, a level and a duration.
"""

from gateway.evaluation.examples import MarkedText, Span, load
from gateway.evaluation.report import DetectionReport, Prediction, Predictor, evaluate

__all__ = ["DetectionReport", "MarkedText", "Prediction", "Predictor", "Span", "evaluate", "load"]
