"""Trains Mien's apparent-expression classifier: one file per job, from public data to ONNX files with a card."""

import os

# ONNX Runtime reads this at import. Without it the library sends telemetry about models and inferences to Microsoft.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
