"""Where the way of an order is the thinnest: the cells for who has only minutes."""

TELLING = (
    "kill -9 booking_writer, after call",
    "kill -9 customer_resolver, after call",
    "kill -9 poller, after publish",
    "kill -9, broker",
    "line cut, to the broker",
    "answer cut_after_commit, POST a booking",
    "messages, repeated, reordered",
    "beside an administration, limited",
    "beside an administration, without a key",
    "beside an administration, slow",
)
