"""The conversation: what is asked next, what an answer does, and what the person reads."""
