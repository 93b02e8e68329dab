"""Training of the classifier for names, streets and towns: material, texts, training, export."""
