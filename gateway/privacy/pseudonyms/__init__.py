"""What replaces a redacted value: placeholders and surrogates."""
