"""One module for each way to estimate what covaries, named like it."""
