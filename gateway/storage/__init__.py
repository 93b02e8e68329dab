"""Tables, sessions, envelope encryption."""
