"""Security events for a SIEM: refusals, sign-ins, powers, disclosures and alarms."""
