"""The words of reports, a module a language."""
