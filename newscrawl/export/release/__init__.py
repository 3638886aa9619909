"""Releases: datasets to cite, made from an archive. Texts left out can be filled in again."""
