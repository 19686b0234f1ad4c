"""Pages and HTTP: stop 1, the door, and stop 9, what is seen."""
