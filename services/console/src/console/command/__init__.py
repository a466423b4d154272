"""The `sconnect` command: a thin client of the console's JSON API."""
