"""Screening: posts become signals, signals become verdicts; columns in, columns out."""
