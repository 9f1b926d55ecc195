"""GitHub's JSON, made from the records."""
