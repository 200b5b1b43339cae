"""The kinds of addresses that models have, one file each; its name is what a user types."""
