"""How well a detector does against texts whose personal data is marked.

It knows nothing of detectors: it takes a function that gives spans, a level and a duration.
"""

from gateway.evaluation.examples import Example, Span, load
from gateway.evaluation.report import Prediction, Predictor, Report, evaluate

__all__ = ["Example", "Prediction", "Predictor", "Report", "Span", "evaluate", "load"]
