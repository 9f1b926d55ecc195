"""Jinja templates in a sandbox, and the text helpers they share."""
