"""Witnesses of signed heads.

A witness that is down is an alarm and stops nothing; the next round shows it the newest head. A
witness that proves another history of this log stops the signing.
"""
