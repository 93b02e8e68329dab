"""What rules know of personal data, secrets, labels and topics: patterns, checksums, lists, and the words around.

A module has ``RULES``: a regular expression that finds candidates in one pass over the text, whether
case counts not, and the check that says what a candidate is. The other modules are what these know.
"""

from gateway.privacy.rules import (
    access_codes,
    addresses,
    american,
    banking,
    contact,
    credentials,
    dates,
    identifiers,
    labels,
    letters,
    medical_words,
    names,
    national,
    networks,
    people,
    phrases,
    place_words,
    plates,
    postcodes,
    public_life,
    somebody,
    spelled,
    sql_rows,
    tables,
    topic_words,
    topic_words_abroad,
    topics,
    towns,
    user_names,
    words,
)

_MODULES = (
    identifiers, banking, plates, contact, networks, american, dates, spelled, credentials, access_codes, names, people, user_names, tables, sql_rows, addresses,
    letters, postcodes, towns, topics, labels,
)  # fmt: skip
RULES = tuple(rule for module in _MODULES for rule in module.RULES)
SOURCES = (
    *_MODULES,
    medical_words,
    national,
    phrases,
    place_words,
    public_life,
    somebody,
    topic_words,
    topic_words_abroad,
    words,
)
