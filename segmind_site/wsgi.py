import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from segmind_site.env import hide_secrets
from segmind_site.url_prefix import without_prefix

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmind_site.settings")
hide_secrets()

database = settings.DATABASES["default"]
if database["ENGINE"] == "django.db.backends.postgresql":
    # Many threads, of which most wait for their clients, share few connections. The worker's few threads keep theirs.
    pool = {"min_size": 1, "max_size": settings.DATABASE_POOL_SIZE, "timeout": 3, "reconnect_timeout": 2}
    database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": pool}
    database["CONN_MAX_AGE"] = 0

application = without_prefix(get_wsgi_application(), settings.URL_PREFIX)
