"""The only room with SQL. A transaction is a generator of named statements (work.py).

    stored = yield from sessions.open_in(vault, chat)        # inside a work
    await database.run(lambda: some_work(vault, …))           # one work is one transaction

work        Work, Statement, Chat, Home, micros(at), moment(stored)
problems    StoreProblem(where, what, remedy) · Unavailable · Conflict · Unreadable
database    Database: run(make_work) · read(make_work) · checkpoint() · close()
sqlite      open_sqlite(path | MEMORY, connect=…) -> Sqlite
schema      migrate(path) · expect_current · as_script() · HEAD
vault       open_vault(path, canaries, new_bytes, today) · read_canaries() · write_canaries(vault)
            Vault: chat(channel, bot, address) -> Chat · blind · pseudonym · new_token · new_code
ring        new_ring · with_new_key · read_ring · write_ring

updates     is_new(chat, update, at) -> bool · failed(vault, chat, update, raw, at) -> attempts
            forget_old(now)
sessions    open_in(vault, chat) -> Stored | None · load(vault, home) · create(vault, chat, session, at)
            save(stored, session, at, touched=True) -> Stored · bind(chat, home, at) · unbind(chat)
            to_remind(vault, now) · to_expire(vault, now) · waiting(vault, channel, bot, since)
            mark_unreachable(chat, at | None)
outgoing    add(chat, stored | vault, message, dkey, at, author, attachment, not_before)
            claim(vault, channel, bot, owner, now, lease_until, count) -> Claimed…
            mark_sent(claimed, provider_id) · retry(claimed, not_before) · fail(claimed)
            give_up(chat) · free_leases(channel, bot, owner) · next_at(channel, bot)
            thread(stored, after) -> Line… · loose_thread(vault, chat, after) · last_sent(chat, via)
            hold() · release(send) · forget_loose(before)
requests    insert(vault, stored, request, at) -> bool · of_session(vault, stored, at) -> Opened
            withdraw(vault, stored, note, at) · ask_erasure(vault, stored, asked_on, due_on, at)
            tell_team(vault, stored, text, at)
scoped      scope(member) · counts(member, status) · list_queue(vault, member, at, queue, status, skip)
            list_mine · view(vault, member, reference, at) -> Seen · take(…, version) -> Take
            add_note · close · correct_urgency · mark_heard · session_of(…) -> Stored
audit       append · about(vault, session) · head() · verify(vault, anchor) -> Finding…
"""
