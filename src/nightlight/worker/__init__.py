"""What goes on by itself: due timers, sending, the service's own sign of life."""
