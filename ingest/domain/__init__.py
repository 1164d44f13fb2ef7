"""What happened and what it means, as pure functions: no Django, no clock, no I/O, no settings."""
