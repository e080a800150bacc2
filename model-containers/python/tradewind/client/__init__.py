"""Calls of a broker. The standard library is all that it needs."""
