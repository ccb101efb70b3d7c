"""One module per estimation method, with the method's name."""
