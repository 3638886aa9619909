"""Tools for authors of site files: a draft from a page, fixtures, and advice on selectors."""
