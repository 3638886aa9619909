"""What leaves an archive: CSV, JSON lines, Parquet, graphs and releases."""
