"""The view that watches a run, live or recorded."""
