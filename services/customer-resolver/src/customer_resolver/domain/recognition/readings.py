"""How many texts a reader remembers: enough for an order and its candidates, which are read many times.

More helps little, as the next order has other people, and keeps their data: 65,536 of each saved some 0.3 ms
an order, and took 211 MB once so many people had ordered; these take 7.
"""

READINGS_KEPT_MAX = 2_048
