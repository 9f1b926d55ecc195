"""What is in the pantry."""
