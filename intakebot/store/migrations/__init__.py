"""Alembic revisions: forward only."""
