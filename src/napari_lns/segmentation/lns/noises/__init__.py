"""One module for each kind of noise, named like it: a new module is a new kind."""
