"""Parts of a training run; `mien_training.train` is the command that puts them together."""
