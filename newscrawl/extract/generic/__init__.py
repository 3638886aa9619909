"""Article pages that no site file covers."""
