"""Parts of `python -m mien_training.analyse`: counts, charts, contact sheets and the page."""
