"""Subject access (GDPR article 15): a package with what is stored of a person."""
