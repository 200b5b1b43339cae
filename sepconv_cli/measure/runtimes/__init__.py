"""What runs networks, one file for each: `prepare` makes a network ready and says what does it."""
