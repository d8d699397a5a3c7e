"""What every page stands in: its layout and address, the visitor's state, and what all visitors share."""
