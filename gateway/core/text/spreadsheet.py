"""Escaping of CSV cells, so that a spreadsheet shows them as text."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """Returns the value as text that no spreadsheet takes for a formula; None is empty."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text
