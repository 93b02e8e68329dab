"""Training of the entity classifier: corpora, texts, network, export."""
