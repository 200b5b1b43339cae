"""What an import proves: that the spec is the same network as the model that it was made of.

`matching` finds which layer of the spec each step became, all other proofs stand on it. Where a
proof fails, it raises SpecError; where it can't be led, it says why.
"""
