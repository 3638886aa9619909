"""The values that every layer shares: records, errors, text, addresses, times. Imports nothing of newscrawl."""
