"""Django's administration, extended: what an administrator looks at and corrects, a module for each sort of rows."""

from django.contrib import admin

from assets.admin import audit, entries, labels, ledger, people, stored_files

__all__ = ["audit", "entries", "labels", "ledger", "people", "stored_files"]

admin.site.index_title = "Administration"
