"""Our models beside others' of the same; `make conformance-vision` runs it in an environment of its own."""
