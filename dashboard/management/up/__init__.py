"""What `manage.py up` is made of: an own supervisor, since the ones tried leave orphans behind.

It is a package beside `commands` because Django takes only modules in `commands` for commands.
"""
