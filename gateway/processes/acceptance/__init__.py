"""Acceptance: checks of an installation from outside, with a signed report.

The doctor looks at the parts; acceptance uses them as clients do, with requests that hold no
personal data. A finding has an id, what it is about, an outcome and how long it took.
"""
