"""Jobs that work on a whole archive folder."""
