"""Partner organisations: trusted flaggers, the urgent lane, list exchange (DSA Art. 22)."""
