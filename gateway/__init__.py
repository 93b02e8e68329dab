"""Sluis: an LLM gateway that decides where text may go, redacts it, and proves what happened."""
