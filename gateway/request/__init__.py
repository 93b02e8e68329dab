"""One request: the pipeline, its steps, and what they share."""
