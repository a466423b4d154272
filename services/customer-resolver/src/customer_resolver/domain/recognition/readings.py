"""How many texts a reader remembers: enough for an order and its candidates, which are read many times.

More would not help, as the next order has other people, and would keep their data: with 65,536 of each, all
readers together took 211 MB once so many people had ordered; with these they take 7.
"""

READINGS_KEPT_MAX = 2_048
