"""Where the console meets databases, the broker, the vendors and HTTP."""
