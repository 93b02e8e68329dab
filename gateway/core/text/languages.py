"""The languages that a text can be found to be in."""

LANGUAGES = ("nl", "en", "de", "fr", "es", "it", "pl", "pt", "tr")
