"""The ports on SnelStart and on a database."""
