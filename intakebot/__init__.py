"""intakebot: one entry, one story told once, one contact person."""
