"""The only reader of the rows: each function is a bounded number of statements, however much is stored."""
