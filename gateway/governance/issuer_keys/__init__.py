"""The signing keys of identity providers: fetched, kept, and fetched again when one is unknown."""
