"""The read API, and a description of all that this server can be asked: everything under `/api/`."""
