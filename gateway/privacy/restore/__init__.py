"""Restore values in answers, except where a program of the reader could send them elsewhere.

``restorer`` is the stream; ``markup_context`` analyses the text before a placeholder (with
``code_blocks``, ``html_tags``, ``link_targets`` and ``exfiltration_patterns``), ``lookahead`` the
text after it. ``caller_text`` knows what the caller wrote: that comes back everywhere.
"""

from gateway.privacy.restore.caller_text import CallerText
from gateway.privacy.restore.restorer import Restorer

__all__ = ["CallerText", "Restorer"]
