"""What a customer is, and the decisions about one: pure, without any outside world."""
