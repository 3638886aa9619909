"""Maintenance of the database as a whole: backup, check, merge, release."""
