"""Pages for people: a report about many files, and a place to try the stages on a text."""
