"""aider: a program with an environment, a home and settings of its own, and a tree that may be hostile to it."""
