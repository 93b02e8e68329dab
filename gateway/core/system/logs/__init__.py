"""Log lines of a process: JSON or text, of known fields only, a repeated one once a minute."""

from gateway.core.system.logs.fault import fault_fields
from gateway.core.system.logs.fields import FIELDS
from gateway.core.system.logs.setup import FORMATS, LEVELS, configure

__all__ = ["FIELDS", "FORMATS", "LEVELS", "configure", "fault_fields"]
