"""Rules for personal data, secrets, labels and topics.

Each module of ``_MODULES`` has ``RULES``, all of one shape (see ``rule``). The other modules here
hold what several of them need. The order decides between equal matches of one place.
"""

from gateway.privacy.rules import (
    access_codes,
    addresses,
    banking,
    birth_dates,
    category_keys,
    cities,
    credentials,
    document_labels,
    dutch_identifiers,
    email_addresses,
    hl7_messages,
    ip_addresses,
    licence_plates,
    names_by_context,
    names_by_list,
    phone_numbers,
    postcodes,
    record_values,
    special_categories,
    spelled_out,
    spoken_numbers,
    sql_rows,
    table_columns,
    uk_address_blocks,
    us_identifiers,
    user_names,
)
from gateway.privacy.rules.rule import Rule

_MODULES = (
    dutch_identifiers,
    banking,
    licence_plates,
    phone_numbers,
    spoken_numbers,
    email_addresses,
    ip_addresses,
    us_identifiers,
    birth_dates,
    spelled_out,
    credentials,
    access_codes,
    names_by_context,
    names_by_list,
    user_names,
    table_columns,
    sql_rows,
    record_values,
    hl7_messages,
    addresses,
    uk_address_blocks,
    postcodes,
    cities,
    category_keys,
    special_categories,
    document_labels,
)
RULES: tuple[Rule, ...] = tuple(rule for module in _MODULES for rule in module.RULES)
