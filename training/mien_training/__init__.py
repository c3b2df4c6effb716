"""Trains Mien's apparent-expression classifier: one file per job, from public data to ONNX files with a card."""

import os

# ONNX Runtime reads it while it is loaded; without it the library reports models and inferences to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
