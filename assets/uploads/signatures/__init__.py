"""What libmagic does not know, or takes for something else: formats by their first bytes. Knows nothing of Django."""
