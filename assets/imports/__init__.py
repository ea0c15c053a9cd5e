"""Files that are fetched from the web."""
