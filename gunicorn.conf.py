"""How gunicorn serves the library, with any command that starts it in this folder. Options on its command line win."""

# The application alone decides whom to believe (TRUSTED_PROXIES). By itself, gunicorn would believe every program on
# this machine that a request came over HTTPS.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# A command that controls a running gunicorn is not needed, and its socket would have to be guarded.
control_socket_disable = True
