"""Trains Mien's apparent-expression classifier: one file per job, from public data to ONNX files with a card."""
