"""The only SQL of newscrawl: schema, writer, frontier, reader, search."""
