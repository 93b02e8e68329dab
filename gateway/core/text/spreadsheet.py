"""Cells of a CSV file that a spreadsheet shows as text, whatever stands in them."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula; None is empty."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text
