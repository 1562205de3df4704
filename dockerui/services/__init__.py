"""The only door to the Engine: authorise, call, audit. One module per Engine object."""
