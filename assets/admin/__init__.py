"""Django's administration, extended: what an administrator looks at and corrects, a module for each sort of rows."""

from django.contrib import admin

from assets.admin import assets, audit, labels, people, stored_files, upload_requests

__all__ = ["assets", "audit", "labels", "people", "stored_files", "upload_requests"]

admin.site.index_title = "Administration"
