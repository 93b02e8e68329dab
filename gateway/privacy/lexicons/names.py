"""Names, words that occur beside them, and words mistaken for them; Dutch and English first."""

from gateway.privacy.lexicons.loader import entries, words
from gateway.privacy.lexicons.places import CITIES_AND_COUNTRIES

GIVEN_NAMES = words("given_names.txt")
AMBIGUOUS_NAMES = words("given_names.ambiguous.txt")
SURNAMES = words("surnames.txt")
AMBIGUOUS_SURNAMES = words("surnames.ambiguous.txt")
TITLE_WORDS = words("titles.txt")
PARTICLES = words("name_particles.txt")
STOP_WORDS = words("stop_words.txt")
SOFTWARE_NAMES = words("software_names.txt")
NOT_PERSONS = words("not_persons.txt") | SOFTWARE_NAMES
IMPERATIVES = words("imperatives.nl.txt")
VERBS = words("verbs.txt")
DEPARTMENTS = words("departments.txt")
MAILBOX_WORDS = words("mailbox_words.txt")
BRANDS = words("brands.txt")
COMPANY_WORDS = words("company_words.txt")
MONTHS = {name: int(number) for name, number in map(str.split, entries("months.txt"))}
# Given names that are no other word in Dutch, English or German: they need no capital.
UNAMBIGUOUS_LOWER = (
    frozenset(
        name.lower()
        for name in GIVEN_NAMES - words("given_names.ordinary.txt") - AMBIGUOUS_NAMES
        if len(name) >= 4
    )
    - CITIES_AND_COUNTRIES
    - STOP_WORDS
)
