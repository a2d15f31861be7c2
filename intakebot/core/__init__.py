"""The pure middle: no I/O, no clock, no chance, no human language."""
