"""What the poller decides, without waiting for anything: which orders, which windows, when, what is gone."""
