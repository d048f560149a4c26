"""Evenhand: the desk where a platform answers for what happens on it."""
