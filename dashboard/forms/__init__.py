"""What people type into pages, checked field by field: an error names its field and keeps what was typed."""
