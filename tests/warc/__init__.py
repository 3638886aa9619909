"""Tests of raw pages."""
