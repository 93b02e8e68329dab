"""Patterns of special categories (GDPR articles 9 and 10): topics, and signs that need a person.

A topic seldom means anything else; a sign counts only where it is about a person.
"""

from gateway.privacy.lexicons.loader import patterns

_TOPIC_FILES = {
    "HEALTH": (
        "health.patterns.txt",
        "illnesses.patterns.txt",
        "drugs.patterns.txt",
        "health.abroad.patterns.txt",
    ),
    "RELIGION": ("religion.patterns.txt", "religion.abroad.patterns.txt"),
    "UNION": ("union.patterns.txt", "union.abroad.patterns.txt"),
    "ETHNICITY": ("ethnicity.patterns.txt", "ethnicity.abroad.patterns.txt"),
    "SEXUALITY": ("sexuality.patterns.txt", "sexuality.abroad.patterns.txt"),
    "POLITICS": ("politics.patterns.txt", "politics.abroad.patterns.txt"),
    "BIOMETRIC": ("biometric.patterns.txt", "biometric.abroad.patterns.txt"),
    "CRIMINAL": ("criminal.patterns.txt", "criminal.abroad.patterns.txt"),
}
_SIGN_FILES = {
    "HEALTH": "health.signs.patterns.txt",
    "RELIGION": "religion.signs.patterns.txt",
    "UNION": "union.signs.patterns.txt",
    "ETHNICITY": "ethnicity.signs.patterns.txt",
    "SEXUALITY": "sexuality.signs.patterns.txt",
    "POLITICS": "politics.signs.patterns.txt",
    "BIOMETRIC": "biometric.signs.patterns.txt",
    "CRIMINAL": "criminal.signs.patterns.txt",
}
# One pattern each: whole words and phrases.
TOPICS = {
    category: [pattern for name in names for pattern in patterns(name)]
    for category, names in _TOPIC_FILES.items()
}
SIGNS = {category: patterns(name) for category, name in _SIGN_FILES.items()}
