"""The version of newscrawl, in one place."""

VERSION = "0.1.0"
