"""Recognises the customer of an order in the bookkeeping."""
