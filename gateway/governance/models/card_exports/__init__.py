"""Exports of the card of a version: for Hugging Face, and as a bill of materials."""
