"""Formats of files: one table for what is recognised, sent, shown, searched for and named. Knows nothing of Django."""
