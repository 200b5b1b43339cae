"""What networks were before: specs of another revision in git, figures of an earlier run."""
