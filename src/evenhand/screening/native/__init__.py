"""The loops over characters, compiled where there is a C compiler; without one NumPy does the same, slower."""
