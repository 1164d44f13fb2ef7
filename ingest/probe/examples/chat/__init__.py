"""A small chat back end in five releases: four ways to start badly or well, and the fix."""
