"""What tests and tools put in place of the world: an engine in memory, nodes in one process.

Shipped with the package because a deployment's own checks need the same things ours do.
"""
