"""The database, and the only SQL of newscrawl: schema, writing, reading, administration."""
