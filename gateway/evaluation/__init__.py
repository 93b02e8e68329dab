"""How well a detector does against texts whose personal data is marked.

It knows nothing of detectors: it takes a function that gives spans, a level and a duration.
"""

from gateway.evaluation.examples import MarkedText, Span, load
from gateway.evaluation.report import DetectionReport, Prediction, Predictor, evaluate

__all__ = ["DetectionReport", "MarkedText", "Prediction", "Predictor", "Span", "evaluate", "load"]
