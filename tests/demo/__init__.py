"""Tests of the fictional newspaper."""
