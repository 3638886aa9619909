"""Site files: one TOML file a site, described in docs/site-file.md."""
