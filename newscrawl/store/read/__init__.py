"""Queries. Nothing here writes."""
