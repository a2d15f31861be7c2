"""Every bound of the conversation, in one place: number, unit in the name, and why.

Whoever meets a bound gets a sentence (`tell.*` in the catalogues), never a traceback.
"""

# 4,096 UTF-16 units: longest text Telegram accepts (core.telegram.org/bots/api#sendmessage).
MESSAGE_UNITS_MAX = 4096
# A message of an inhabitant: Telegram brings 4,096 at most; in the web chat people paste letters.
SAID_CHARS_MAX = 10_000
# One story: about twenty printed pages; more is for a talk with a person.
STORY_MESSAGES_MAX = 60
STORY_CHARS_MAX = 40_000
# A short free answer (name, company, place): one line.
LINE_CHARS_MAX = 500
NAME_CHARS_MAX = 80
# From this length on, text over a choice question is taken as a part of the story.
STORY_LIKE_CHARS_MIN = 40
STORY_LIKE_WORDS_MIN = 7
# Questions that wait for an answer on the usual way, the language picker included.
QUESTIONS_MAX = 12
# Hearing a long story takes some 20 ms, and every turn asks for it again: what was heard in the
# stories of the people who are talking now is remembered; twice as many at most, some kB each.
STORIES_REMEMBERED_MAX = 256
# What a word is known as: most of what people say is said in the same few thousand words.
WORDS_REMEMBERED_MAX = 4_096
WORD_CHARS_REMEMBERED_MAX = 40
WORDS_WEIGHED_MAX = 2_048
CHARS_REMEMBERED_MAX = 4_096
# Whose area a postcode and a place are in: a line each.
PLACES_REMEMBERED_MAX = 512
# Follow-ups that neither safety nor law needs are asked up to here; the rest a person may ask.
QUESTIONS_AIM = 10
# Questions about entitlement that go along, and safety signals kept: each with its own words.
DECISIONS_MAX = 20
SIGNALS_MAX = 100
# Voice notes and photos: 20 MB is what a Bot API server lets a bot download.
ATTACHMENT_BYTES_MAX = 20_000_000
ATTACHMENTS_MAX = 20
# Answers of one session, corrections included; a person needs about fifteen.
TURNS_MAX = 1_000
# callback_data of a Telegram button (core.telegram.org/bots/api#inlinekeyboardbutton).
BUTTON_BYTES_MAX = 64
# What an id may take of it: beside it stand a token of 32 digits, a colon and the mark of a tick.
BUTTON_ID_BYTES_MAX = 30
BUTTON_LABEL_CHARS_MAX = 60
BUTTONS_MAX = 40
# A flow set, for `check`: enough for every municipality seen, small enough to read.
SECTIONS_MAX = 30
QUESTIONS_IN_FLOW_MAX = 200
CHOICES_MAX = 30
RULES_MAX = 200
RULE_DEPTH_MAX = 8
TEXT_CHARS_MAX = 1_500
FLOW_BYTES_MAX = 2_000_000
# An unfinished story: a reminder on day 3, erased on day 14 (DOMAIN 2, fixed in the DPIA).
REMIND_DAYS = 3
EXPIRE_DAYS = 14
# Own words quoted in the Dutch summary: it stays one screen, the whole story stands beside it.
SUMMARY_STORY_CHARS_MAX = 300
