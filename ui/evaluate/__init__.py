"""The views of the page Evaluate."""
