"""Train, quantise and evaluate the heart-sound model that lubdub runs."""

__version__ = "0.1.0"
