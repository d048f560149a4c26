"""The transparency log: tree, notes, tiles, proofs."""
