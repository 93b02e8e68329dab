"""Data subjects: their keys, finding them, erasing them."""
