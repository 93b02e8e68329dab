"""Where a text of a request comes from: whose words they are, and which turn."""

from enum import StrEnum


class Origin(StrEnum):
    """The origin of a text; ``OTHER`` is a field that belongs to no message or tool."""

    NEWEST = "newest"  # what the user says in this turn
    HISTORY = "history"  # what users and models said before
    SYSTEM = "system"  # the instructions of the application
    TOOL_CALL = "tool_call"  # what the model asked of a tool
    TOOL_RESULT = "tool_result"  # what a tool gave
    TOOL_DEFINITION = "tool_definition"
    OTHER = "other"


EVERYWHERE = frozenset(Origin)
