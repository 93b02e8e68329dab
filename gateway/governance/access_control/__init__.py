"""Sign-in of actors, and the permissions of their roles."""
