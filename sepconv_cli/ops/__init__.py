"""The primitive ops, one file each: shapes, parameters, work and the torch call."""
