"""The view that sets a training up."""
