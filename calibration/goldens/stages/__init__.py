"""One module per stage of a run; each has `write(folder, manifest)`."""
