"""The views of the Explore page, one a module."""
