"""Redaction: values out of a text, and placeholders or surrogates in."""
