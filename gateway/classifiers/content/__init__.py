"""A classifier of attacks and harm in text, which is part of the product."""
