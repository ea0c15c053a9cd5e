from django.contrib.admin.apps import AdminConfig


class LibraryAdminConfig(AdminConfig):
    default_site = "segmind_site.admin_site.LibraryAdminSite"
