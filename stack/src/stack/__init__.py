"""Starts the whole product on one machine without containers."""
