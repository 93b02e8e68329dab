"""Back-channel logout: the identity provider ends sign-ons."""
