"""Judgments about an archive: its health, and how complete it is."""
