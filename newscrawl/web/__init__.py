"""The archive in a browser: a Datasette plugin with pages for people, on a read-only database."""
