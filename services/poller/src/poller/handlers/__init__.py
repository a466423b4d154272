"""What the poller does: import runs, probes, replays, the schedule, and telling of all of it."""
