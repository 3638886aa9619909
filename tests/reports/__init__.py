"""Tests of health and completeness."""
