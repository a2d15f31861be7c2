"""What follows from what was said: conditions, clocks, urgency, queue, and the request."""
