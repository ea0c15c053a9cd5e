"""How gunicorn serves the library, with any command that starts it in this folder. Options on its command line win."""

import logging
from pathlib import Path

from segmind_site.env import hide_secrets
from segmind_site.log import ShareTokenFilter

hide_secrets()

for name in ("gunicorn.access", "gunicorn.error"):
    logging.getLogger(name).addFilter(ShareTokenFilter())

# Most threads wait for their client most of the time, and cost little meanwhile.
threads = 100
worker_class = "segmind_site.slow_clients.Worker"

# Longer than proxies keep an idle connection, or they would send a request into one that is being closed.
keepalive = 75

# A search of 500 characters, each written as up to twelve in an address, and what is beside it.
limit_request_line = 8190

# After SIGTERM, requests in progress have so long. Nothing that was accepted is lost if they need longer.
graceful_timeout = 8

# The application alone decides whom to believe (TRUSTED_PROXIES). By itself, gunicorn would believe every program on
# this machine that a request came over HTTPS.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# A command that controls a running gunicorn is not needed, and its socket would have to be guarded.
control_socket_disable = True

# Workers tell that they live through a file, which must not wait for a disk.
if Path("/dev/shm").is_dir():  # noqa: S108  (not on macOS)
    worker_tmp_dir = "/dev/shm"  # noqa: S108
