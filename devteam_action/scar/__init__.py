"""The SCAR server: its client, how a command of it ends, and the sequence that has it do a task."""
