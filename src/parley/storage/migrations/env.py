"""Alembic asks for this file; Parley runs its migrations from ``parley.storage.migrate``."""
