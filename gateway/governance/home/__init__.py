"""Home: what waits for a person, the state of the installation, and today's figures."""
