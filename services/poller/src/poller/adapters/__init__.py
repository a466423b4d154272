"""The doors of the poller: the shop's API and the poller's own database."""
