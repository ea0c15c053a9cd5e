from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, in the imports of our own ES modules too.

    Only in our `js/` folder and those below it (here `*` matches slashes as well): django-htmx ships a file with a
    line that looks like an import and is none.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
