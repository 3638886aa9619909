"""Everything that changes the database."""
