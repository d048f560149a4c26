"""Reports: figures and formats from public entries alone."""
