"""Pictures drawn on the server: values in, SVG out. No script, no style attribute, no font file.

Each has a title and a description for those who hear it; a page shows the figures under it too.
"""
