"""The sconnect command, its JSON API and the trail of every order."""
