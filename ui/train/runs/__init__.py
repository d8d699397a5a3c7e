"""The view of past runs."""
