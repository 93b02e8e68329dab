"""Redaction: replace values in a text by placeholders or surrogates."""
