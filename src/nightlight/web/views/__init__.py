"""Stops 1 and 9 of the road: a tap comes in, goes to `intake`, and what is true then is shown."""
