"""The protocols of distributed systems, written from scratch to be read, run and broken."""
