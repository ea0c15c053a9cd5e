# One image for web and worker; the command decides which.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim

FROM ${BASE_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /opt/venv
COPY pyproject.toml README.md ./
RUN /opt/venv/bin/pip install ".[postgres]"
COPY manage.py gunicorn.conf.py ./
COPY segmind_site segmind_site
COPY assets assets
COPY templates templates
COPY static static
# These values exist for this one command only, and are not stored in the image.
RUN SECRET_KEY=only-for-collectstatic-and-long-enough SEGMIND_API_KEY=none /opt/venv/bin/python manage.py collectstatic --noinput \
    && rm -rf var
# Whatever decodes a file starts a new process, which should not have to compile our code first.
RUN /opt/venv/bin/python -m compileall -q assets segmind_site

FROM ${BASE_IMAGE}
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WEB_CONCURRENCY=2 DJANGO_SETTINGS_MODULE=segmind_site.settings
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# Originals, previews and uploads in progress, and archives of the library: the only folders that are written to.
RUN mkdir -p /app/var/media /backups && chown -R 10001:10001 /app/var /backups
USER 10001
VOLUME /app/var
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=4)"]
CMD ["sh", "-c", "exec gunicorn segmind_site.wsgi --bind 0.0.0.0:${PORT:-8000} --access-logfile -"]
