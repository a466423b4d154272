"""What the service does when an order comes in, and at night."""
