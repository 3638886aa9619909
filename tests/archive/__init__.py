"""Tests of jobs on a whole archive."""
