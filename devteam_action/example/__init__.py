"""The bundled example: a small repository with a task list, and the recorded work of a tool."""
