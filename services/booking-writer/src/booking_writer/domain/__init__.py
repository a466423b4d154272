"""From an order as the shop printed it to the booking it becomes: pure rules over exact amounts."""
