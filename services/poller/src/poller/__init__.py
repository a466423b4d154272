"""Reads orders from the webshop and publishes them."""
