"""How long what belongs to entries is kept: by class, unless a legal hold covers it.

``rules`` is the table that policy holds; ``requests`` says what belongs together and ``cover`` what is
held; ``expiry`` and ``hours`` delete what is due, through ``removal``; ``gone`` tells afterwards.
"""
