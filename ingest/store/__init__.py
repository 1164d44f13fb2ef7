"""The only writer. Every statement is a bulk statement; SQLite and PostgreSQL end in the same rows."""
