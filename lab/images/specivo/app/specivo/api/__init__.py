"""HTTP handlers, one module a subject."""
