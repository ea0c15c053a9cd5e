"""Trying a folder of any files: each goes through receiving and previews in a library that is thrown away."""
