"""The pages that newscrawl adds to Datasette."""
