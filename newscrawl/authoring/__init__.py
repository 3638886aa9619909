"""Tools for people who write site files: a first draft from a page, fixtures, and what looks wrong in a page."""
