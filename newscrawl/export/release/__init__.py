"""A frozen dataset to cite: made of an archive, and, where it went out without texts, filled from raw pages."""
