"""Sluis: an LLM gateway that decides where text may go, redacts what leaves, and proves what happened."""
