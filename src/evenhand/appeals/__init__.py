"""Appeals: internal complaints and disputes (DSA Art. 20 and 21)."""
