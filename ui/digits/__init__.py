"""One digit or many of a set, looked at closely: a grid, the digit that was chosen in it, and what is known of that one."""
