"""dockerui: a live web console for the Docker Engine."""
