"""Writes the sales booking of an order."""
