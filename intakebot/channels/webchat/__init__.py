"""The web chat: an inhabitant's browser on one side, `intake.receive` and the thread on the other.

Everything works with forms alone (POST, 303, GET); `chat.js` sends the same forms with `X-Part`
and gets only what is new. Who somebody is, is a random address in a cookie; the store knows its
blind index. Nothing is written before the first form is sent.

routes.py   the conversation        decode.py, files.py  form -> event
own.py      what is yours: card, data
ways.py     leaving, coming back    thread.py            what was said, and what is open
visitor.py  cookies                 drawing.py, asking.py, spans.py  thread -> pages.py
"""
