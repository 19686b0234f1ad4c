"""How fast the service is on this machine: the real processes, a made-up gateway, and the machine's raw limit."""
