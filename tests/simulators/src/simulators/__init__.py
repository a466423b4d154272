"""The two vendors' APIs as in-memory ASGI applications, with a control door for data and faults."""
