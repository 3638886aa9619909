"""What is known about each site: the site files (docs/site-file.md), their schema, and Site."""
