"""Readers of the formats in which FER-2013 and FER+ are distributed; `load.load_faces` is the entry point."""
