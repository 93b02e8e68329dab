"""Detection in one text: from normalized text to findings."""
