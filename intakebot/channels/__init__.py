"""The ways in and out: each file decodes one channel's bytes and encodes messages for it."""
