"""Tables: built by scripts in `tools/`, with their provenance beside them."""
