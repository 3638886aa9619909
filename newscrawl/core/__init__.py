"""What every layer uses: records, errors, text, URLs and times.

Imports no other package of newscrawl.
"""
