"""What every experiment shares: configs, the training loop, checkpoints, run folders, data."""
