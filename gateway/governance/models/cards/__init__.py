"""Model cards: what is stated about a model, in Dutch and English, and its exports."""
