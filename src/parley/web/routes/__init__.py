"""The routes, one file for each thing a page asks about."""
