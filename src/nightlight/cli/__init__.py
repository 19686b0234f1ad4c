"""The `nightlight` command: arguments in, data on standard output, talk on standard error, an exit code."""
