"""Training of the models that ship; not part of the wheel."""
