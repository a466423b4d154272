"""The library that the services of the connector share; every sub-package states its own charter."""
