"""The named-entity classifier: names, streets, cities, secrets and special categories."""
