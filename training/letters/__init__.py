"""The letters adapter: data by script, training, and an honest score."""
