from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class LibraryAdminConfig(AdminConfig):
    default_site = "segmind_site.admin_site.LibraryAdminSite"


class LibraryStaticFilesConfig(StaticFilesConfig):
    # A second viewer of the API's schema that ninja has, larger than all other files together.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "redoc*"]
