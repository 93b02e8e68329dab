"""The last entry of each log: where a reader that follows the trail has caught up."""

from gateway.governance.audit.request_group import Ask

# One index look-up per log, whatever the number of entries.
_HEADS = """
WITH RECURSIVE known(log) AS (
  SELECT MIN(log) FROM audit_entry UNION ALL
  SELECT (SELECT MIN(log) FROM audit_entry WHERE log > known.log) FROM known
  WHERE known.log IS NOT NULL)
SELECT log, (SELECT MAX(seq) FROM audit_entry WHERE log = known.log) AS seq FROM known
WHERE log IS NOT NULL
"""


async def log_heads(ask: Ask) -> dict[str, int]:
    """The number of the last entry of each log, over all stores."""
    found: dict[str, int] = {}
    for row in await ask(_HEADS, {}):
        found[row["log"]] = max(row["seq"], found.get(row["log"], -1))
    return found
