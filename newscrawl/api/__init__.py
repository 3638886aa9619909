"""The archive for programs: the Python API, whose names `newscrawl` hands on, and assistants."""
