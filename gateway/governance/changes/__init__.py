"""Changes of governed objects: recorded, signed, and proposed where another person must decide."""
