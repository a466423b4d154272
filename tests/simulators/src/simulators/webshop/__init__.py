"""The MyOnlineStore Connect API, read side, for any number of shops."""
