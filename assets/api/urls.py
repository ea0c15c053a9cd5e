"""The operations, their schema and their documentation. Tokens sign in, so the sign-in page guards none of them."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from assets.api import docs_views
from assets.api.methods import answers_every_method
from assets.api.v1 import api

operations, _, namespace = api.urls
for pattern in operations:
    if pattern.callback:
        pattern.callback = login_not_required(answers_every_method(pattern.callback))

urlpatterns = [
    path("v1/", include((operations, namespace))),
    path("docs", docs_views.docs, name="api_docs"),
    path("openapi.json", docs_views.openapi, name="api_schema"),
]
