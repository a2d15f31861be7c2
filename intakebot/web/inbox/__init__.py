"""The inbox: what came in for a team, one request whole, and what its members do with it.

routes.py     the addresses             inbox.py     what they stand on, and the door
forms.py      posted forms as values    changes.py   what a form changes
queue.py      the lists, drawn          request.py   one request, drawn
saying.py     days, teams and states in words        pages.py  what the templates see

All pages work with forms alone (POST, 303, GET); `inbox.js` only says that something is new.
"""
