"""Tests of site files."""
