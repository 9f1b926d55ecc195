"""The spec-kit dialect."""
