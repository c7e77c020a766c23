"""Files of passthrough.py."""
