"""A small chat back end in six releases: four ways to start badly or well, the fix, and another server."""
