"""The views of the Train page, one a module."""
