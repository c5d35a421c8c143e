"""The command: a thin shell around the library, for files, folders and streams."""
