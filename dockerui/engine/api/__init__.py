"""One module per Engine object: the declarations of its operations and the calls."""
