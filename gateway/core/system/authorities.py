"""The authorities that TLS connections trust where no other is configured."""

import ssl


def system_authorities() -> ssl.SSLContext:
    """Returns a context for clients that trusts ``SSL_CERT_FILE``, else the system's authorities.

    A Python that finds no authorities of the system trusts those of certifi.
    """
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):  # a Python built for another system
        import certifi

        context.load_verify_locations(certifi.where())
    return context
