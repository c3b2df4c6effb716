"""What `python -m mien_training.analyse` counts, draws and writes."""
