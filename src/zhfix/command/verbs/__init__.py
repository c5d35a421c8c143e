"""One module a verb, loaded only when the verb is called."""
