"""The rules of a class, which know nothing of a store: its states and tasks, who looks at what, who is right and how often."""
