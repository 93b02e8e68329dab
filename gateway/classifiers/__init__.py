"""The classifier tier: a small model that reads names, places and what is told of people in running text.

It runs in processes of its own. A gateway imports ``pool`` and ``reading`` alone, and nothing is imported
here, so that such a process loads in half the time and can be started before all the rest.
"""
