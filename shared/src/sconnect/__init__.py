"""The library that the services of the connector share."""
