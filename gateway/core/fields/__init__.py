"""Field classes: what each field of a dialect may carry, and a walk that visits every text.

A tree of rules is compiled from ``policies/egress.yaml``. One walk checks types, drops, pins and
refuses; it builds a new body, so no byte of the caller is ever forwarded. The same walk over the
clean body rewrites texts (redaction).
"""

from gateway.core.fields.compiler import compile_fields, compile_rule
from gateway.core.fields.limits import BodyLimits
from gateway.core.fields.shapes import Fields, without
from gateway.core.fields.walk import FieldsError, Path, SealedPlace, Walk, dotted, value_at

__all__ = [
    "BodyLimits",
    "Fields",
    "FieldsError",
    "Path",
    "SealedPlace",
    "Walk",
    "compile_fields",
    "compile_rule",
    "dotted",
    "value_at",
    "without",
]
