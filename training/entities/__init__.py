"""Training of the classifier for names, streets, towns and secrets: material, texts, training, export."""
