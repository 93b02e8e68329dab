"""What ends an exception: each field that it set gets the value from before, if it still has it."""

from gateway.approvals.objects import Document
from gateway.governance.changes.edits import Edit, WaitingEdit


def undo_of(done: WaitingEdit, current: Document | None) -> Edit | None:
    """The edit that takes back what is left of a change; None when nothing is."""
    before, after = done.before, done.after
    if before is None or after is None:
        unchanged = (current is None) == (after is None)
        return _edit(done, before) if unchanged else None
    if current is None:
        return None
    fields = {name for name in done.fields if current.get(name) == after.get(name)}
    if not fields:
        return None
    kept = {name: value for name, value in current.items() if name not in fields}
    return _edit(done, kept | {name: before[name] for name in fields if name in before})


def _edit(done: WaitingEdit, document: Document | None) -> Edit:
    return Edit(done.kind, done.name, document, done.source, done.position)
