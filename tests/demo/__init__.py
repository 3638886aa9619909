"""Tests of the made-up newspaper."""
