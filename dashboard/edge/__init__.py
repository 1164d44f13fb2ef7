"""Where requests come in: who sent them, what is believed of it, and the line that each leaves in the log."""
