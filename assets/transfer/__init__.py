"""A library as one file, to be kept or carried to another installation. The format: `docs/archive.md`."""
