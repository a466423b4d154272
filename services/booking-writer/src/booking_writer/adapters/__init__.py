"""The writer's ports over SnelStart and over a database."""
