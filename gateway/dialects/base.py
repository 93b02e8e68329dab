"""What every dialect has in common."""

from typing import Any

Body = dict[str, Any]  # a request or an answer as parsed JSON
