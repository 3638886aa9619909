"""Tests of the browser pages."""
