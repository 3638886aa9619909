"""Tests of help for people who write site files."""
