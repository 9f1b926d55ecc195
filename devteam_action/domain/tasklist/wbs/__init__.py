"""The treed dialect."""
