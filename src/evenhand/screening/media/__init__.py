"""Hashes of pictures and files: SHA-256, MD5 and PDQ, computed in a child process that can do nothing else."""
