"""Ways of reaching someone, one module each. Channels know neither Django nor one another."""
