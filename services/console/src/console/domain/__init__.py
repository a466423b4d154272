"""The rules behind what a bookkeeper sees: pure functions over facts that the services told."""
