"""Keeping: what an operator does so that nothing is lost, and to see that all is well.

doctor      is everything as it should be? reads, and changes nothing
  machine   the state folder, the key ring, the disk, the date
  server    the PostgreSQL server, when there is one
  stored    the database: its schema, whether it is whole, what waits in it
  around    Telegram, the numbers that people are given, the languages
backing     backup: the data and its keys, apart, while the program serves
restoring   restore and release: a backup into an empty place, and what it holds back
rotating    rotate-keys: a new key in the ring
progress    a bar, on a terminal
findings    how each of these says what it found
"""
