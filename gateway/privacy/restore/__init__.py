"""Restore values in answers, except where a program of the reader could send them elsewhere.

``restorer`` is the stream; ``markup_context`` analyses the text before a placeholder (with
``code_blocks``, ``html_tags``, ``link_targets`` and ``exfiltration_patterns``), ``lookahead`` the
text after it.
"""

from gateway.privacy.restore.restorer import Restorer

__all__ = ["Restorer"]
