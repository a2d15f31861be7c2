"""What a story says: life domains with evidence, signs of danger, numbers to mask."""
