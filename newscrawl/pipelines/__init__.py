"""The item pipelines, one job a file: clean, timestamps, duplicates, store. Each is thin over a pure function."""
