"""Other detectors, measured on the same data sets."""
