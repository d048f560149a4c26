"""The rulebook: legal facts as dated rows with article and check mark."""
