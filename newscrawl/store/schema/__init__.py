"""The tables, the migrations, and the description of every column."""
