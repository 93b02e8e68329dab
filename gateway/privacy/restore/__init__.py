"""Values back into what returns, except where a reader's program could carry them off.

``restorer`` is the stream; ``surroundings`` reads what stands before a placeholder (by the readers
of ``code``, ``tags``, ``targets`` and ``carriers``), ``behind`` what follows it.
"""

from gateway.privacy.restore.restorer import Restorer

__all__ = ["Restorer"]
