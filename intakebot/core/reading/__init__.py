"""What a typed answer means: choices, numbers, dates, names, numbers to call."""
