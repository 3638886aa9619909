"""Tests of the tools for authors of site files."""
