"""onnxruntime without its telemetry, which by default reports its use to its maker."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it reads this while it is loaded

import onnxruntime

__all__ = ["onnxruntime"]
