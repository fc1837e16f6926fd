"""Features become a calibrated probability and points that add up."""
