"""A generated corpus: names and marked texts among neutral sentences."""
