-- Every statement of the store, as SQLite and PostgreSQL both understand it.
-- What stands in a remark that begins with the word postgresql is done by PostgreSQL alone: SQLite has
-- one writer at a time and needs no locks of ours.
-- `:name` is a value. The chat key is (channel, bot, chat). How columns are written: tables.py.

-- ==== updates ====================================================================================

-- add_update: takes note of an update; no row when it was received before
INSERT INTO updates (channel, bot, chat, update_id, received_at)
VALUES (:channel, :bot, :chat, :update_id, :received_at)
ON CONFLICT (channel, bot, chat, update_id) DO NOTHING
RETURNING received_at

-- known_update: whether note was taken of an update
SELECT received_at FROM updates
WHERE channel = :channel AND bot = :bot AND chat = :chat AND update_id = :update_id

-- forget_updates: a channel never delivers again what is older than this; the oldest first
DELETE FROM updates WHERE (channel, bot, chat, update_id) IN (
  SELECT channel, bot, chat, update_id FROM updates WHERE received_at < :before
  ORDER BY received_at LIMIT :count)
RETURNING channel, bot, chat

-- add_poison: counts one more failure on an update
INSERT INTO poisons (channel, bot, chat, update_id, attempts, failed_at, kid, sealed)
VALUES (:channel, :bot, :chat, :update_id, 1, :failed_at, :kid, :sealed)
ON CONFLICT (channel, bot, chat, update_id)
DO UPDATE SET attempts = poisons.attempts + 1, failed_at = excluded.failed_at
RETURNING attempts

-- poisons: what was put aside, for whoever repairs us
SELECT channel, bot, chat, update_id, attempts, failed_at, kid, sealed FROM poisons
WHERE attempts >= :attempts ORDER BY failed_at LIMIT :count

-- drop_poison: it is taken in again; no row when it does not stand aside
DELETE FROM poisons
WHERE channel = :channel AND bot = :bot AND chat = :chat AND update_id = :update_id
RETURNING update_id

-- forget_poisons: what was put aside too long ago
DELETE FROM poisons WHERE failed_at < :before RETURNING update_id

-- lock_chat: whoever works in a chat works there alone, whatever the number of processes
SELECT CAST(:lock AS BIGINT) AS lock /*postgresql , pg_advisory_xact_lock(:lock) */

-- ring: pages that somebody looks at have something new; other processes hear it with the commit
SELECT CAST(:number AS TEXT) AS number
/*postgresql , pg_notify('intakebot', CAST(:number AS TEXT)) */

-- ==== sessions ===================================================================================

-- open_session: the session that is open in a chat, wherever it began
SELECT s.channel, s.bot, s.chat, s.session, s.seq, s.sealed, k.kid, k.wrapped
FROM chats c
JOIN sessions s ON s.channel = c.home_channel AND s.bot = c.home_bot AND s.chat = c.home_chat
  AND s.session = c.session
JOIN session_keys k ON k.channel = s.channel AND k.bot = s.bot AND k.chat = s.chat
  AND k.session = s.session
WHERE c.channel = :channel AND c.bot = :bot AND c.chat = :chat

-- session: one session by its home
SELECT s.channel, s.bot, s.chat, s.session, s.seq, s.sealed, k.kid, k.wrapped
FROM sessions s
JOIN session_keys k ON k.channel = s.channel AND k.bot = s.bot AND k.chat = s.chat
  AND k.session = s.session
WHERE s.channel = :channel AND s.bot = :bot AND s.chat = :chat AND s.session = :session

-- add_session: a session at its beginning
INSERT INTO sessions (channel, bot, chat, session, seq, outcome, flow, revision, started_at,
  touched_at, remind_at, expire_at, sealed)
VALUES (:channel, :bot, :chat, :session, 1, :outcome, :flow, :revision, :started_at,
  :touched_at, :remind_at, :expire_at, :sealed)

-- add_session_key: the wrapped data key of a session
INSERT INTO session_keys (channel, bot, chat, session, kid, wrapped)
VALUES (:channel, :bot, :chat, :session, :kid, :wrapped)

-- bind_chat: lets a chat go on with a session
INSERT INTO chats (channel, bot, chat, home_channel, home_bot, home_chat, session, touched_at)
VALUES (:channel, :bot, :chat, :home_channel, :home_bot, :home_chat, :session, :touched_at)
ON CONFLICT (channel, bot, chat) DO UPDATE SET home_channel = excluded.home_channel,
  home_bot = excluded.home_bot, home_chat = excluded.home_chat, session = excluded.session,
  touched_at = excluded.touched_at, unreachable_at = NULL

-- unbind_chat: the next message in this chat begins a new session
DELETE FROM chats WHERE channel = :channel AND bot = :bot AND chat = :chat RETURNING session

-- save_session: a session after a turn; no row when another saved it in the meantime
UPDATE sessions SET seq = seq + 1, outcome = :outcome, revision = :revision,
  touched_at = :touched_at, remind_at = :remind_at, expire_at = :expire_at, sealed = :sealed
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session AND seq = :seq
RETURNING seq

-- save_untouched_session: the same after an event that was not the inhabitant's
UPDATE sessions SET seq = seq + 1, outcome = :outcome, remind_at = :remind_at, sealed = :sealed
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session AND seq = :seq
RETURNING seq

-- sessions_to_remind: unfinished stories of three days old
SELECT s.channel, s.bot, s.chat, s.session, s.seq, s.sealed, k.kid, k.wrapped
FROM sessions s
JOIN session_keys k ON k.channel = s.channel AND k.bot = s.bot AND k.chat = s.chat
  AND k.session = s.session
WHERE s.remind_at IS NOT NULL AND s.remind_at <= :now AND s.expire_at > :now
ORDER BY s.remind_at LIMIT :count

-- sessions_to_check: sent stories of which the promised day is over
SELECT s.channel, s.bot, s.chat, s.session, s.seq, s.sealed, k.kid, k.wrapped
FROM sessions s
JOIN session_keys k ON k.channel = s.channel AND k.bot = s.bot AND k.chat = s.chat
  AND k.session = s.session
WHERE s.remind_at IS NOT NULL AND s.remind_at <= :now AND s.outcome = 'submitted'
ORDER BY s.remind_at LIMIT :count

-- sessions_to_expire: unfinished stories of fourteen days old
SELECT s.channel, s.bot, s.chat, s.session, s.seq, s.sealed, k.kid, k.wrapped
FROM sessions s
JOIN session_keys k ON k.channel = s.channel AND k.bot = s.bot AND k.chat = s.chat
  AND k.session = s.session
WHERE s.expire_at IS NOT NULL AND s.expire_at <= :now
ORDER BY s.expire_at LIMIT :count

-- sessions_waiting: open stories touched in this time; where the bot said all that it had to say
SELECT s.channel, s.bot, s.chat, s.session, s.seq, s.touched_at, s.sealed, k.kid, k.wrapped
FROM sessions s
JOIN session_keys k ON k.channel = s.channel AND k.bot = s.bot AND k.chat = s.chat
  AND k.session = s.session
JOIN chats c ON c.channel = s.channel AND c.bot = s.bot AND c.chat = s.chat
  AND c.session = s.session AND c.unreachable_at IS NULL
WHERE s.channel = :channel AND s.bot = :bot AND s.outcome = 'open'
  AND s.touched_at >= :since AND s.touched_at < :until
  AND NOT EXISTS (
    SELECT 1 FROM messages m
    WHERE m.channel = s.channel AND m.bot = s.bot AND m.chat = s.chat
      AND m.state IN ('queued', 'leased') AND m.unasked = 0)
ORDER BY s.touched_at LIMIT :count

-- line: until when people could be heard, and the gap that is to be asked about
SELECT open_at, gap_since, gap_until FROM lines WHERE channel = :channel AND bot = :bot
/*postgresql FOR UPDATE */

-- mark_line: people can be heard
INSERT INTO lines (channel, bot, open_at, gap_since, gap_until)
VALUES (:channel, :bot, :open_at, :gap_since, :gap_until)
ON CONFLICT (channel, bot) DO UPDATE SET open_at = excluded.open_at,
  gap_since = excluded.gap_since, gap_until = excluded.gap_until

-- close_gap: everybody was asked again
UPDATE lines SET gap_since = NULL, gap_until = NULL
WHERE channel = :channel AND bot = :bot AND gap_until = :gap_until

-- take_pace: the next turn of a chat or bot; no row when too many wait. By the server's own clock
INSERT INTO paces (channel, bot, chat, until)
VALUES (:channel, :bot, :chat, CAST(:step AS BIGINT) + CAST(:now AS BIGINT)
  /*postgresql * 0 + CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) */)
ON CONFLICT (channel, bot, chat) DO UPDATE SET until =
  CASE WHEN paces.until > excluded.until + :horizon OR paces.until < excluded.until - :step
    THEN excluded.until ELSE paces.until + :step END
WHERE paces.until <= excluded.until + :most OR paces.until > excluded.until + :horizon
RETURNING until - (CAST(:now AS BIGINT)
  /*postgresql * 0 + CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) */) AS ahead

-- close_pace: no turn for anybody for so long
INSERT INTO paces (channel, bot, chat, until)
VALUES (:channel, :bot, :chat, CAST(:closed AS BIGINT) + CAST(:now AS BIGINT)
  /*postgresql * 0 + CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) */)
ON CONFLICT (channel, bot, chat) DO UPDATE SET until =
  CASE WHEN paces.until > excluded.until THEN paces.until ELSE excluded.until END
RETURNING until

-- forget_paces: what lies behind us
DELETE FROM paces WHERE until < :before RETURNING chat

-- write_beat: one small row, another each time, to see whether anything can be written
INSERT INTO paces (channel, bot, chat, until) VALUES (:channel, '', '', :now)
ON CONFLICT (channel, bot, chat) DO UPDATE SET until = excluded.until
RETURNING until

-- mark_reachable: whether a chat can be written to
UPDATE chats SET unreachable_at = :unreachable_at
WHERE channel = :channel AND bot = :bot AND chat = :chat
RETURNING home_channel AS channel, home_bot AS bot, home_chat AS chat, session

-- session_keys_to_rewrap: data keys that an older key of the ring wraps
SELECT channel, bot, chat, session, kid, wrapped FROM session_keys
WHERE kid <> :kid ORDER BY kid LIMIT :count

-- rewrap_session_key: the same data key, wrapped by the newest key of the ring
UPDATE session_keys SET kid = :kid, wrapped = :wrapped
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session

-- ==== messages: outbox and thread ================================================================

-- add_message: numbered by its moment, or one after the last of its chat; no row when it is there.
-- With an owner it begins its life leased, when all that is unsent before it is leased by the same
INSERT INTO messages (channel, bot, chat, nth, session, via, direction, author, dkey, unasked, kept,
  state, lease_owner, lease_until, attempts, at, not_before, kid, sealed)
SELECT :channel, :bot, :chat, CASE WHEN place.last >= :at THEN place.last + 1 ELSE :at END,
  :session, :via, :direction, :author, :dkey, :unasked, :kept,
  CASE WHEN place.free = 1 THEN 'leased' ELSE :state END,
  CASE WHEN place.free = 1 THEN CAST(:owner AS TEXT) END,
  CASE WHEN place.free = 1 THEN CAST(:lease_until AS BIGINT) END,
  place.free, :at, :not_before, :kid, :sealed
FROM (
  SELECT (SELECT MAX(m.nth) FROM messages m
    WHERE m.channel = :channel AND m.bot = :bot AND m.chat = :chat) AS last,
  CASE WHEN CAST(:owner AS TEXT) IS NULL THEN 0 WHEN EXISTS (
    SELECT 1 FROM messages e
    WHERE e.channel = :channel AND e.bot = :bot AND e.chat = :chat
      AND e.state IN ('queued', 'leased') AND NOT (e.unasked = 1 AND e.not_before > :at)
      AND NOT (e.state = 'leased' AND e.lease_owner = CAST(:owner AS TEXT))) THEN 0
  ELSE 1 END AS free) AS place
WHERE 1 = 1
ON CONFLICT (channel, bot, chat, dkey) DO NOTHING
RETURNING nth, state

-- oldest_unsent: since when the oldest message waits that could have been sent
SELECT MIN(CASE WHEN unasked = 1 THEN not_before ELSE at END) AS since FROM messages
WHERE state IN ('queued', 'leased') AND (unasked = 0 OR not_before <= :now)

-- claim_messages: leases the oldest unsent message of each chat; a waiting unasked one holds up none;
-- a reply or a lease past the horizon was written by a clock that has been set back since
-- (+ 0: else SQLite looks for the order in the index of all messages that there ever were)
WITH due AS (
  SELECT m.channel, m.bot, m.chat, m.nth FROM messages m
  WHERE m.channel = :channel AND m.bot = :bot AND m.state IN ('queued', 'leased')
    AND (m.not_before <= :now OR m.unasked = 0 AND m.not_before > :horizon)
    AND (m.state = 'queued' OR m.lease_until <= :now OR m.lease_until > :horizon)
    AND NOT EXISTS (
      SELECT 1 FROM messages e
      WHERE e.channel = m.channel AND e.bot = m.bot AND e.chat = m.chat AND e.nth < m.nth
        AND e.state IN ('queued', 'leased') AND NOT (e.unasked = 1 AND e.not_before > :now))
  ORDER BY m.nth + 0 LIMIT :count /*postgresql FOR UPDATE OF m SKIP LOCKED */)
UPDATE messages SET state = 'leased', lease_owner = :owner, lease_until = :lease_until,
  attempts = attempts + 1
WHERE (channel, bot, chat, nth) IN (SELECT channel, bot, chat, nth FROM due)
RETURNING channel, bot, chat, nth, session, dkey, author, unasked, attempts, at, sealed,
  COALESCE(kid, (SELECT k.kid FROM session_keys k WHERE k.channel = messages.channel
    AND k.bot = messages.bot AND k.chat = messages.chat AND k.session = messages.session)) AS kid,
  (SELECT k.wrapped FROM session_keys k WHERE k.channel = messages.channel
    AND k.bot = messages.bot AND k.chat = messages.chat AND k.session = messages.session) AS wrapped

-- mark_sent: the channel took it; its body is wiped, unless it was between people
UPDATE messages SET state = 'sent', provider_id = :provider_id, lease_until = NULL,
  sealed = CASE WHEN kept = 1 THEN sealed END
WHERE channel = :channel AND bot = :bot AND chat = :chat AND nth = :nth AND dkey = :dkey
  AND state = 'leased' AND lease_owner = :owner
RETURNING nth

-- mark_to_retry: to be sent again, not before this
UPDATE messages SET state = 'queued', not_before = :not_before, lease_until = NULL
WHERE channel = :channel AND bot = :bot AND chat = :chat AND nth = :nth AND dkey = :dkey
  AND state = 'leased' AND lease_owner = :owner
RETURNING nth

-- mark_failed: never to be sent; its body is wiped, unless it was between people
UPDATE messages SET state = 'failed', lease_until = NULL, sealed = CASE WHEN kept = 1 THEN sealed END
WHERE channel = :channel AND bot = :bot AND chat = :chat AND nth = :nth AND dkey = :dkey
  AND state IN ('queued', 'leased')
RETURNING nth

-- give_up_messages: nothing more can be sent in this chat
UPDATE messages SET state = 'failed', lease_until = NULL, sealed = CASE WHEN kept = 1 THEN sealed END
WHERE channel = :channel AND bot = :bot AND chat = :chat AND state IN ('queued', 'leased')
RETURNING nth

-- free_leases: what a process that ended had begun
UPDATE messages SET state = 'queued', lease_until = NULL
WHERE channel = :channel AND bot = :bot AND state IN ('queued', 'leased') AND state = 'leased'
  AND lease_owner = :owner
RETURNING nth

-- lease_owners: who holds leases that have no end, dead or alive
SELECT DISTINCT lease_owner FROM messages
WHERE channel = :channel AND bot = :bot AND state IN ('queued', 'leased') AND state = 'leased'
  AND lease_until IS NULL ORDER BY lease_owner

-- next_message_at: when something can be sent next
SELECT MIN(CASE WHEN state = 'leased' AND lease_until > :horizon THEN 0
  WHEN state = 'leased' THEN lease_until
  WHEN unasked = 0 AND not_before > :horizon THEN 0 ELSE not_before END) AS at FROM messages
WHERE channel = :channel AND bot = :bot AND state IN ('queued', 'leased')

-- hold_messages: after a restore, nothing is sent before a person said so
UPDATE messages SET state = 'held', lease_until = NULL WHERE state IN ('queued', 'leased')
RETURNING nth

-- release_messages: a person said so
UPDATE messages SET state = 'queued' WHERE state = 'held' RETURNING nth

-- drop_held_messages: a person said that they are not to be sent any more
UPDATE messages SET state = 'failed', sealed = CASE WHEN kept = 1 THEN sealed END
WHERE state = 'held' RETURNING nth

-- thread: what was said in a session, newest first; without what is wiped once Telegram has it
SELECT nth, via, author, dkey, state, at, sealed FROM messages
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session AND nth > :after
  AND sealed IS NOT NULL AND state <> 'held' AND (kept = 1 OR via <> 'telegram')
ORDER BY nth DESC LIMIT :count

-- loose_thread: what was said in a chat after its session was erased, newest first
SELECT nth, via, author, dkey, state, at, kid, sealed FROM messages
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session IS NULL AND nth > :after
  AND sealed IS NOT NULL
ORDER BY nth DESC LIMIT :count

-- forget_loose_messages: what was said after an erasure is read by now
DELETE FROM messages WHERE session IS NULL AND at < :before AND state NOT IN ('queued', 'leased')
RETURNING nth

-- forget_sent_messages: of a chat, what is wiped and cannot be asked for again
DELETE FROM messages
WHERE channel = :channel AND bot = :bot AND chat = :chat AND at < :before AND state = 'sent'
  AND sealed IS NULL
RETURNING nth

-- ==== attachments ================================================================================

-- add_attachment: a voice note or photo to fetch; no row when it is known
INSERT INTO attachments (channel, bot, chat, attachment, session, kind, state, bytes, received_at,
  not_before, sealed)
VALUES (:channel, :bot, :chat, :attachment, :session, :kind, :state, :bytes, :received_at,
  :not_before, :sealed)
ON CONFLICT (channel, bot, chat, attachment) DO NOTHING
RETURNING attachment

-- attachments_to_fetch: those whose time has come; each is tried again later, until it is marked
WITH due AS (
  SELECT channel, bot, chat, attachment FROM attachments
  WHERE channel = :channel AND bot = :bot AND state = 'to_fetch'
    AND (not_before <= :now OR not_before > :horizon)
  ORDER BY not_before LIMIT :count /*postgresql FOR UPDATE SKIP LOCKED */)
UPDATE attachments SET attempts = attempts + 1, not_before = :again_at
WHERE (channel, bot, chat, attachment) IN (SELECT channel, bot, chat, attachment FROM due)
RETURNING channel, bot, chat, session, attachment, kind, bytes, received_at, attempts, sealed,
  (SELECT k.kid FROM session_keys k WHERE k.channel = attachments.channel
    AND k.bot = attachments.bot AND k.chat = attachments.chat
    AND k.session = attachments.session) AS kid,
  (SELECT k.wrapped FROM session_keys k WHERE k.channel = attachments.channel
    AND k.bot = attachments.bot AND k.chat = attachments.chat
    AND k.session = attachments.session) AS wrapped

-- mark_attachment: stored, too_big or failed
UPDATE attachments SET state = :state, bytes = :bytes
WHERE channel = :channel AND bot = :bot AND chat = :chat AND attachment = :attachment
RETURNING attachment

-- attachment: one of a session
SELECT attachment, kind, state, bytes, received_at FROM attachments
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session
  AND attachment = :attachment

-- attachments_of_session: all of a session
SELECT attachment, kind, state, bytes, received_at FROM attachments
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session
ORDER BY received_at, attachment

-- all_attachments: every file that should lie in the state folder
SELECT attachment FROM attachments WHERE state = 'stored'

-- ==== requests ===================================================================================
-- Every query of a member says `queue IN (SELECT queue FROM scopes WHERE member = :member)`.

-- add_request: no row when the reference is taken
INSERT INTO requests (channel, bot, chat, session, reference, gm, queue, status, urgency,
  urgency_rank, due_on, promise_on, first_on, version, created_at, card, sealed)
VALUES (:channel, :bot, :chat, :session, :reference, :gm, :queue, 'open', :urgency, :urgency_rank,
  :due_on, :promise_on, :first_on, 1, :created_at, :card, :sealed)
ON CONFLICT (reference) DO NOTHING
RETURNING reference

-- add_part: a life domain of a request
INSERT INTO parts (channel, bot, chat, session, part)
VALUES (:channel, :bot, :chat, :session, :part)

-- add_name: a word of a name, to search by
INSERT INTO names (token, channel, bot, chat, session)
VALUES (:token, :channel, :bot, :chat, :session)
ON CONFLICT (token, channel, bot, chat, session) DO NOTHING

-- scope: the queues of a member
SELECT queue FROM scopes WHERE member = :member ORDER BY queue

-- count_queue: how many requests of this status stand in a queue, counted up to a bound
SELECT COUNT(*) AS count FROM (
  SELECT 1 AS one FROM requests WHERE queue = :queue AND status = :status
    AND queue IN (SELECT queue FROM scopes WHERE member = :member) LIMIT :count) AS counted

-- count_mine: of how many requests this member is the contact person, counted up to a bound
SELECT COUNT(*) AS count FROM (
  SELECT 1 AS one FROM requests WHERE contact = :member AND status = 'taken'
    AND queue IN (SELECT queue FROM scopes WHERE member = :member) LIMIT :count) AS counted

-- list_places: the order of a queue, by its index alone: where a page far down begins
SELECT first_on, urgency_rank, created_at FROM requests
WHERE queue = :queue AND status = :status
  AND :queue IN (SELECT queue FROM scopes WHERE member = :member)
ORDER BY first_on, urgency_rank, created_at LIMIT :count

-- list_queue: the requests of a queue from a place on, what is due first comes first; the page is cut
-- out by its index before anything is joined to it, whatever a planner thinks
WITH page AS (
  SELECT channel, bot, chat, session, reference, gm, queue, status, urgency, urgency_rank, due_on,
    promise_on, first_on, contact, version, created_at, taken_at, closed_at, outcome,
    erase_asked_on, erase_due_on, card
  FROM requests
  WHERE queue = :queue AND status = :status
    AND (first_on, urgency_rank, created_at) >= (:first_on, :urgency_rank, :created_at)
    AND :queue IN (SELECT queue FROM scopes WHERE member = :member)
  ORDER BY first_on, urgency_rank, created_at LIMIT :count)
SELECT r.channel, r.bot, r.chat, r.session, r.reference, r.gm, r.queue, r.status, r.urgency,
  r.urgency_rank, r.due_on, r.promise_on, r.first_on, r.contact, r.version, r.created_at,
  r.taken_at, r.closed_at, r.outcome, r.erase_asked_on, r.erase_due_on, r.card, k.kid, k.wrapped,
  p.name AS contact_name
FROM page r
JOIN session_keys k ON k.channel = r.channel AND k.bot = r.bot AND k.chat = r.chat
  AND k.session = r.session
LEFT JOIN members p ON p.member = r.contact
ORDER BY r.first_on, r.urgency_rank, r.created_at

-- list_ended: what was closed or withdrawn in a queue, the newest first
WITH page AS (
  SELECT channel, bot, chat, session, reference, gm, queue, status, urgency, urgency_rank, due_on,
    promise_on, first_on, contact, version, created_at, taken_at, closed_at, outcome,
    erase_asked_on, erase_due_on, card
  FROM requests
  WHERE queue = :queue AND status IN ('closed', 'withdrawn')
    AND :queue IN (SELECT queue FROM scopes WHERE member = :member)
  ORDER BY closed_at DESC, reference DESC LIMIT :count)
SELECT r.channel, r.bot, r.chat, r.session, r.reference, r.gm, r.queue, r.status, r.urgency,
  r.urgency_rank, r.due_on, r.promise_on, r.first_on, r.contact, r.version, r.created_at,
  r.taken_at, r.closed_at, r.outcome, r.erase_asked_on, r.erase_due_on, r.card, k.kid, k.wrapped,
  p.name AS contact_name
FROM page r
JOIN session_keys k ON k.channel = r.channel AND k.bot = r.bot AND k.chat = r.chat
  AND k.session = r.session
LEFT JOIN members p ON p.member = r.contact
ORDER BY r.closed_at DESC, r.reference DESC

-- list_mine: the requests of which this member is the contact person
SELECT r.channel, r.bot, r.chat, r.session, r.reference, r.gm, r.queue, r.status, r.urgency,
  r.urgency_rank, r.due_on, r.promise_on, r.first_on, r.contact, r.version, r.created_at,
  r.taken_at, r.closed_at, r.outcome, r.erase_asked_on, r.erase_due_on, r.card, k.kid, k.wrapped,
  p.name AS contact_name
FROM requests r
JOIN session_keys k ON k.channel = r.channel AND k.bot = r.bot AND k.chat = r.chat
  AND k.session = r.session
LEFT JOIN members p ON p.member = r.contact
WHERE r.contact = :member AND r.status = 'taken'
  AND r.queue IN (SELECT queue FROM scopes WHERE member = :member)
ORDER BY r.first_on, r.urgency_rank, r.created_at LIMIT :count

-- request: one request by its reference, for a member whose queue it stands in
SELECT r.channel, r.bot, r.chat, r.session, r.reference, r.gm, r.queue, r.status, r.urgency,
  r.urgency_rank, r.due_on, r.promise_on, r.first_on, r.contact, r.version, r.created_at,
  r.taken_at, r.closed_at, r.outcome, r.erase_asked_on, r.erase_due_on, r.card, r.sealed, k.kid,
  k.wrapped, p.name AS contact_name
FROM requests r
JOIN session_keys k ON k.channel = r.channel AND k.bot = r.bot AND k.chat = r.chat
  AND k.session = r.session
LEFT JOIN members p ON p.member = r.contact
WHERE r.reference = :reference AND r.queue IN (SELECT queue FROM scopes WHERE member = :member)

-- request_of_session: the request of one inhabitant's own session
SELECT r.channel, r.bot, r.chat, r.session, r.reference, r.gm, r.queue, r.status, r.urgency,
  r.urgency_rank, r.due_on, r.promise_on, r.first_on, r.contact, r.version, r.created_at,
  r.taken_at, r.closed_at, r.outcome, r.erase_asked_on, r.erase_due_on, r.card, r.sealed, k.kid,
  k.wrapped, p.name AS contact_name
FROM requests r
JOIN session_keys k ON k.channel = r.channel AND k.bot = r.bot AND k.chat = r.chat
  AND k.session = r.session
LEFT JOIN members p ON p.member = r.contact
WHERE r.channel = :channel AND r.bot = :bot AND r.chat = :chat AND r.session = :session

-- request_by_reference: for the operator, who stands outside every team
SELECT channel, bot, chat, session FROM requests WHERE reference = :reference

-- take_request: makes this member the one contact person; no row for whoever comes second
UPDATE requests SET contact = :member, status = 'taken', taken_at = :taken_at, version = version + 1
WHERE reference = :reference AND contact IS NULL AND status = 'open' AND version = :version
  AND queue IN (SELECT queue FROM scopes WHERE member = :member)
RETURNING version

-- close_request: no row when it was closed or changed in the meantime
UPDATE requests SET status = :status, outcome = :outcome, closed_at = :closed_at,
  version = version + 1
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session
  AND status IN ('open', 'taken') AND version = :version
RETURNING version

-- keep_part_until: a part of a closed request and the end of its retention
UPDATE parts SET keep_until = :keep_until
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session AND part = :part

-- change_request: what a member corrected; no row when it was changed in the meantime
UPDATE requests SET urgency = :urgency, urgency_rank = :urgency_rank, card = :card,
  sealed = :sealed, version = version + 1
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session
  AND version = :version
RETURNING version

-- add_translation: the story of this request is to be put in Dutch by a machine, if there is one
INSERT INTO translations (channel, bot, chat, session, not_before)
VALUES (:channel, :bot, :chat, :session, :not_before)

-- claim_translations: those whose time has come; each is tried again later, until it is dropped
WITH due AS (
  SELECT channel, bot, chat, session FROM translations
  WHERE not_before <= :now OR not_before > :horizon
  ORDER BY not_before LIMIT :count /*postgresql FOR UPDATE SKIP LOCKED */)
UPDATE translations SET attempts = attempts + 1, not_before = :again_at
WHERE (channel, bot, chat, session) IN (SELECT channel, bot, chat, session FROM due)
RETURNING channel, bot, chat, session, attempts

-- drop_translation: it is done, or never will be
DELETE FROM translations
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session
RETURNING session

-- ask_erasure: the inhabitant wants a sent request gone; the municipality must answer in time
UPDATE requests SET erase_asked_on = :asked_on, erase_due_on = :due_on, version = version + 1
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session
  AND erase_asked_on IS NULL
RETURNING version

-- add_note: numbered within its request
INSERT INTO notes (channel, bot, chat, session, nth, author, at, sealed)
VALUES (:channel, :bot, :chat, :session, :nth, :author, :at, :sealed)

-- last_note: the number of the newest note
SELECT COALESCE(MAX(nth), 0) AS nth FROM notes
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session

-- notes: of one request, oldest first
SELECT n.nth, n.author, p.name AS author_name, n.at, n.sealed
FROM notes n LEFT JOIN members p ON p.member = n.author
WHERE n.channel = :channel AND n.bot = :bot AND n.chat = :chat AND n.session = :session
ORDER BY n.nth

-- ==== audit ======================================================================================

-- audit_head: how far the chain goes
SELECT seq, hash, signature FROM audit_heads WHERE chain = :chain

-- lock_audit_head: the same, for whoever lengthens the chain: one at a time
SELECT seq, hash, signature FROM audit_heads WHERE chain = :chain /*postgresql FOR UPDATE */

-- add_audit: one row at the end of the chain
INSERT INTO audit (seq, at, actor, action, about, detail, prev, hash)
VALUES (:seq, :at, :actor, :action, :about, :detail, :prev, :hash)

-- add_audit_head: the chain begins
INSERT INTO audit_heads (chain, seq, hash, signature) VALUES (:chain, :seq, :hash, :signature)

-- move_audit_head: the chain goes on
UPDATE audit_heads SET seq = :seq, hash = :hash, signature = :signature WHERE chain = :chain

-- audit_after: the chain from here on
SELECT seq, at, actor, action, about, detail, prev, hash FROM audit
WHERE seq > :after ORDER BY seq LIMIT :count

-- audit_about: who saw or changed one request
SELECT seq, at, actor, action, about, detail, prev, hash FROM audit
WHERE about = :about ORDER BY seq LIMIT :count

-- ==== keys =======================================================================================

-- canaries: the proofs of all keys that this database was opened with
SELECT kid, sealed FROM canaries ORDER BY kid

-- add_canary: the proof of a key
INSERT INTO canaries (kid, sealed) VALUES (:kid, :sealed) ON CONFLICT (kid) DO NOTHING

-- ==== people =====================================================================================

-- put_member: makes a member, or changes one
INSERT INTO members (member, login, name, phone, admin, made_at)
VALUES (:member, :login, :name, :phone, :admin, :made_at)
ON CONFLICT (login) DO UPDATE SET name = excluded.name, phone = excluded.phone,
  admin = excluded.admin, ended_at = NULL
RETURNING member

-- clear_memberships: before the queues of a member are written anew
DELETE FROM memberships WHERE member = :member

-- add_membership: lets a member see a queue
INSERT INTO memberships (member, queue) VALUES (:member, :queue)
ON CONFLICT (member, queue) DO NOTHING

-- member_by_login: how `signin WHO` finds a member
SELECT member, login, name, phone, admin FROM members WHERE login = :login AND ended_at IS NULL

-- member: one member
SELECT member, login, name, phone, admin FROM members WHERE member = :member AND ended_at IS NULL

-- all_members: everyone who can sign in
SELECT member, login, name, phone, admin FROM members WHERE ended_at IS NULL ORDER BY login

-- end_member: this member leaves
UPDATE members SET ended_at = :ended_at WHERE member = :member AND ended_at IS NULL
RETURNING member

-- give_back_requests: nothing is ownerless when its contact person leaves
UPDATE requests SET status = 'open', contact = NULL, taken_at = NULL, version = version + 1
WHERE contact = :member AND status = 'taken'
RETURNING channel, bot, chat, session

-- give_back_strays: the same, when the contact person no longer reads the queue
UPDATE requests SET status = 'open', contact = NULL, taken_at = NULL, version = version + 1
WHERE contact = :member AND status = 'taken'
  AND queue NOT IN (SELECT queue FROM scopes WHERE member = :member)
RETURNING channel, bot, chat, session

-- add_signin_link: a secret that signs a member in once
INSERT INTO signin_links (hash, member, expires_at) VALUES (:hash, :member, :expires_at)

-- use_signin_link: gone once used
DELETE FROM signin_links WHERE hash = :hash RETURNING member, expires_at

-- add_staff_session: a member signed in
INSERT INTO staff_sessions (hash, member, seen_at, ends_at)
VALUES (:hash, :member, :seen_at, :ends_at)

-- staff_session: who is signed in with this secret
SELECT p.member, p.login, p.name, p.phone, p.admin, s.seen_at
FROM staff_sessions s JOIN members p ON p.member = s.member
WHERE s.hash = :hash AND s.ends_at > :now AND s.seen_at > :idle_since AND p.ended_at IS NULL

-- touch_staff_session: the member is still there
UPDATE staff_sessions SET seen_at = :seen_at WHERE hash = :hash

-- drop_staff_session: signed out
DELETE FROM staff_sessions WHERE hash = :hash

-- drop_ways_in: signs a member out everywhere
DELETE FROM staff_sessions WHERE member = :member

-- drop_signin_links: links that were made for a member
DELETE FROM signin_links WHERE member = :member

-- forget_staff_sessions: what ended by itself
DELETE FROM staff_sessions WHERE ends_at <= :now OR seen_at <= :idle_since

-- forget_signin_links: what was never used
DELETE FROM signin_links WHERE expires_at <= :now

-- ==== ways back to a session =====================================================================

-- add_web_link: a secret that brings a session to a web chat once
INSERT INTO web_links (hash, channel, bot, chat, session, expires_at)
VALUES (:hash, :channel, :bot, :chat, :session, :expires_at)

-- use_web_link: gone once used
DELETE FROM web_links WHERE hash = :hash RETURNING channel, bot, chat, session, expires_at

-- forget_web_links: what was never used
DELETE FROM web_links WHERE expires_at <= :now

-- put_resume_code: one code a session, the newest
INSERT INTO resume_codes (hash, channel, bot, chat, session, made_at)
VALUES (:hash, :channel, :bot, :chat, :session, :made_at)
ON CONFLICT (channel, bot, chat, session)
DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at

-- resume_code: the session that a code leads to
SELECT channel, bot, chat, session FROM resume_codes WHERE hash = :hash

-- tries: how often somebody guessed, and when last
SELECT since_at, count FROM tries WHERE source = :source

-- put_tries: counts a guess that was wrong
INSERT INTO tries (source, since_at, count) VALUES (:source, :since_at, :count)
ON CONFLICT (source) DO UPDATE SET since_at = excluded.since_at, count = excluded.count

-- forget_tries: guesses of long ago
DELETE FROM tries WHERE since_at < :before

-- ==== flow sets ==================================================================================

-- revision: one revision of a flow set
SELECT state, json FROM revisions WHERE flow = :flow AND revision = :revision

-- revision_in_state: the published one, or the draft
SELECT revision, json FROM revisions WHERE flow = :flow AND state = :state

-- revisions: all of a flow set, newest first
SELECT revision, state, made_at, published_at, published_by FROM revisions
WHERE flow = :flow ORDER BY made_at DESC, revision DESC

-- retire_revision: what was published is an earlier one now
UPDATE revisions SET state = 'earlier' WHERE flow = :flow AND state = 'published'

-- put_revision: a draft, or what is published
INSERT INTO revisions (flow, revision, state, made_at, published_at, published_by, json)
VALUES (:flow, :revision, :state, :made_at, :published_at, :published_by, :json)
ON CONFLICT (flow, revision) DO UPDATE SET state = excluded.state, json = excluded.json,
  published_at = excluded.published_at, published_by = excluded.published_by

-- drop_draft: the draft is thrown away, or replaced
DELETE FROM revisions WHERE flow = :flow AND state = 'draft' RETURNING revision

-- ==== erasure ====================================================================================

-- erase_session: the session and everything that hangs on it, its data key first of all
DELETE FROM sessions
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session
RETURNING session

-- erase_poisons: updates that were put aside, of all chats that the session went on in
DELETE FROM poisons WHERE (channel = :channel AND bot = :bot AND chat = :chat)
  OR (channel, bot, chat) IN (SELECT c.channel, c.bot, c.chat FROM chats c
    WHERE c.home_channel = :channel AND c.home_bot = :bot AND c.home_chat = :chat
      AND c.session = :session)

-- add_erasure: the ledger
INSERT INTO erasures (session, why, erased_at, files) VALUES (:session, :why, :erased_at, :files)
ON CONFLICT (session) DO NOTHING

-- erasures_to_wipe: files and log of the database still hold what these left
SELECT session, files FROM erasures WHERE wiped_at IS NULL ORDER BY erased_at

-- mark_wiped: nothing is left of it
UPDATE erasures SET wiped_at = :wiped_at WHERE session = :session

-- erase_pace: until when its messages are spread out
DELETE FROM paces WHERE channel = :channel AND bot = :bot AND chat = :chat RETURNING chat

-- erased_but_here: sessions of the ledger that a restore brought back
SELECT s.channel, s.bot, s.chat, s.session FROM sessions s
JOIN erasures e ON e.session = s.session

-- parts_to_erase: parts of closed requests whose retention ended
SELECT channel, bot, chat, session, part FROM parts
WHERE keep_until IS NOT NULL AND keep_until <= :now ORDER BY keep_until LIMIT :count

-- drop_part: its data is gone
DELETE FROM parts
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session AND part = :part

-- count_parts: how many parts of a request are still kept
SELECT COUNT(*) AS count FROM parts
WHERE channel = :channel AND bot = :bot AND chat = :chat AND session = :session

-- keyless: sessions that nobody can read any more, which should not be there
SELECT s.channel, s.bot, s.chat, s.session FROM sessions s LEFT JOIN session_keys k ON k.channel = s.channel
  AND k.bot = s.bot AND k.chat = s.chat AND k.session = s.session
WHERE k.session IS NULL

-- ==== counters ===================================================================================

-- add_to_counter: one more, or several
INSERT INTO counters (day, gm, name, count) VALUES (:day, :gm, :name, :count)
ON CONFLICT (day, gm, name) DO UPDATE SET count = counters.count + excluded.count

-- counters_between: of these days
SELECT day, gm, name, count FROM counters WHERE day >= :first AND day <= :last
ORDER BY day, gm, name

-- ==== keeping ====================================================================================

-- newest_moments: when something was last received, and last written in the audit
SELECT (SELECT MAX(received_at) FROM updates) AS received_at,
  (SELECT at FROM audit ORDER BY seq DESC LIMIT 1) AS audited_at

-- kids_in_use: how much each key of the ring wraps or seals
SELECT kid, COUNT(*) AS count FROM (
  SELECT kid FROM session_keys
  UNION ALL SELECT kid FROM poisons
  UNION ALL SELECT kid FROM messages WHERE kid IS NOT NULL AND sealed IS NOT NULL) AS used
GROUP BY kid ORDER BY kid

-- messages_in_state: how many messages are held, and from when to when
SELECT COUNT(*) AS count, MIN(at) AS first_at, MAX(at) AS last_at FROM messages
WHERE state = :state

-- count_poisons: how many updates stand aside
SELECT COUNT(*) AS count FROM poisons WHERE attempts >= :attempts

-- count_older_keys: data keys that an older key of the ring wraps
SELECT COUNT(*) AS count FROM session_keys WHERE kid <> :kid

-- last_rotation: since when nothing is wrapped by an older key of the ring, or that it was begun
SELECT at, detail FROM audit WHERE action = 'rotate_keys' ORDER BY seq DESC LIMIT 1

-- drop_canary: this key left the ring
DELETE FROM canaries WHERE kid = :kid
