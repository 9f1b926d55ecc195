"""The checklist dialect."""
