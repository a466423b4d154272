"""What the writer does with an order whose customer is known."""
