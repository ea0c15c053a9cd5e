"""How dates are written on every page: `27 Nov 2026, 16:40`."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
