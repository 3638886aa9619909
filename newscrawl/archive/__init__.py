"""Jobs on a whole archive folder: rebuild, reextract, verify, merge, near duplicates."""
