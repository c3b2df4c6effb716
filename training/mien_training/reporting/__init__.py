"""Inputs of a report: the faces to score, and the outputs of each ONNX file on them."""
