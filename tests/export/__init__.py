"""Tests of exports and releases."""
