"""Django's admin, extended: a module for each model, with the lists, filters and actions they share."""

from assets.admin import assets, audit, labels, models, people, shares, stored_files, upload_requests

__all__ = ["assets", "audit", "labels", "models", "people", "shares", "stored_files", "upload_requests"]
