"""Telegram: updates in, messages out. The one room that knows the `telegram` library.

bot.py       one bot at one Bot API server      updates.py   JSON -> event, without the library
sending.py   a delivery -> calls, an outcome    arrivals.py  what is acknowledged, when, in order
wire.py      HTTP under the library             keyboard.py  a message -> texts and keys
"""
