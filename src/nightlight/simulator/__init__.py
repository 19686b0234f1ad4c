"""The proof: the real rules in made-up worlds, walked through every order of events."""
