"""What is shown to people and machines, free of any one format."""
