"""Identity providers as administrators see them: profiles, issuers, and the trial of a token."""
