"""Training of the models that ship. Not part of the wheel."""
