"""Training of the classifier of attacks and harm."""
