"""The paper that visitors draw on, and their drawings."""
