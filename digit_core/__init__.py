"""Everything that Digit Lab knows about digits, networks and pictures, with no dashboard in it."""
