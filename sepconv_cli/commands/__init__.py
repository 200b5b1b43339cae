"""The commands, one file each: options, one call into the library, one report."""
