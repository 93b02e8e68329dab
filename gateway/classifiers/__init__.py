"""The classifier tier: a small model that finds names, places, secrets and special categories.

It runs in processes of its own. A gateway imports only ``pool`` and ``protocol``, and nothing is
imported here, so that such a process loads in half the time and can start before all the rest.
"""
