"""GitHub over its REST API: pull requests, comments, check runs, permissions."""
