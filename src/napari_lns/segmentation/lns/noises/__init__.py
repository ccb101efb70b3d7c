"""One module per kind of noise, with the kind's name; a new module adds a kind."""
