"""The only room with SQL. A transaction is a generator of named statements (work.py).

    stored = yield from sessions.open_in(vault, chat)        # inside a work
    await database.run(lambda: some_work(vault, …))           # one work is one transaction

work        Work, Statement, Chat, Home, micros(at), moment(stored)
problems    StoreProblem(where, what, remedy) · Unavailable · Conflict · Unreadable
            told(address): without secrets
database    Database: run(make_work) · read(make_work) · checkpoint() · close()
opening     open_up_to_date(path of SQLite | address of PostgreSQL) -> Database
sqlite      open_sqlite(path | MEMORY, connect=…) -> Sqlite
postgres    open_postgres(address) -> Postgres · migrate(address)
schema      migrate(path) · expect_current · as_script() · names() · HEAD
migrating   what `schema` loads for it: SQLAlchemy and Alembic; a server that runs does without
vault       open_vault(path, canaries, new_bytes, today) · read_canaries() · write_canaries(vault)
            Vault: chat(channel, bot, address) -> Chat · blind · pseudonym · new_token · new_code
ring        new_ring · with_new_key · read_ring · write_ring · replace_ring

folder      private_folder(path): the state folder, 0700
bells       ring(session) · Bell.until(session, look, …): for open pages
listening   listen(address, bell): what other processes ring
leading     while_leading(folder | address, what, do): one process at a time, the next in seconds
            (leading_on_server: by a lock of a session of PostgreSQL)
presence    Presence(folder, name, passed_s): beat() · is_alive(name) · end()   by locks and counts

updates     is_new(chat, update, at) -> bool · failed(vault, chat, update, raw, at) -> attempts
            put_aside(vault) -> Poison… · forget_old(now)
sessions    alone_in(chat | home): nobody else works in this chat until the work ends
            open_in(vault, chat) -> Stored | None · load(vault, home) -> Stored | None
            create(vault, chat, session, at) -> Stored · save(stored, session, at, touched=True)
            bind(chat, home, at) · unbind(chat) · mark_unreachable(chat, at | None) -> Home | None
            to_remind(vault, now) · to_expire(vault, now) · waiting(vault, channel, bot, since)
            rewrap(vault, count)
outgoing    add(chat, stored | vault, message, dkey, at, author, attachment, not_before) -> nth
            claim(vault, channel, bot, owner, now, lease_until, count) -> Claimed…
            mark_sent(claimed, provider_id) · retry(claimed, not_before) · fail(claimed)
            give_up(chat) · free_leases(channel, bot, owner) · lease_owners(channel, bot)
            next_at(channel, bot, now) · oldest_unsent(now)
            thread(stored, after) -> Line… · loose_thread(vault, chat, after)
            hold() · release(send) · forget_loose(before)
paces       take(channel, bot, chat, of_chat, of_bot, now) -> seconds · close · forget_old(now)
attachments add(stored, attachment, at, state) · to_fetch(vault, channel, bot, now, again_at, count)
            mark(home, id, state, size) · of_session(home) · load(home, id)
            write_file(folder, key, id, plain) · read_file(folder, key, id)   outside transactions
requests    insert(vault, stored, request, at) -> bool · of_session(vault, stored, at) -> Opened
            withdraw(vault, stored, note, at) · ask_erasure(vault, stored, asked_on, due_on, at)
            tell_team(vault, stored, text, at) · for_operator(vault, reference, action, at)
translations claim(vault, now, again_at, count) -> ToTranslate… · keep(vault, home, made, at)
            drop(home)
scoped      for members; all take (vault, member, …, at), and see the member's queues only
            scope · counts · count_mine · list_queue(queue, status, skip) -> Listed… · list_mine
            view -> Seen · mark(reference, known): another text when something is new
            take(reference, version) -> Take · add_note · close(version, outcome) -> Stored
            correct_urgency · mark_heard · attachment(reference, name) -> (Kept, key)
            session_of(reference, action) -> Stored: to write, as its contact person
people      put_member(member, at) · by_login · load · everyone · end(vault, member, at, actor)
            new_signin(vault, member, at) -> secret · sign_in(vault, secret, at) -> token | None
            signed_in(vault, token, at) -> Member | None · sign_out(vault, token) · forget_old(now)
ways_back   new_link(vault, stored, at, lasts) · follow_link(vault, secret, chat, at) -> Stored
            new_code(vault, stored, at) · use_code(vault, code, chat, source, at) -> Stored | Wait
            forget_old(now)
flows       load(flow, revision) · published(flow) · draft(flow) · editions(flow)
            save_draft(revision, at) · publish(vault, revision, by, at)
erasure     erase(vault, home, why, actor, at) -> bool · sweep(database, folder, now)
            end_retention(vault, now) · erase_again(vault, at) · orphans(database, folder)
audit       append · about(vault, session) · head() · verify(vault, anchor) -> Finding…
counters    add(day, gm, name, count) · between(first, last)
health      beat(now) · newest_at() · kids_in_use() · held() · aside() · audit_faults(vault)
            file_faults(path)
server      look(address) -> ServerHealth: whether a PostgreSQL server keeps what it is given
manifest    Manifest of a backup: read(folder, part, vault) · backups_in(folder, part)
backups     make(installation, data, keys, …) -> Made · too_old · looks_wrong   blocking
copying     fetch(address, path) · load(path, address): all that is stored, between server and file
restoring   restore(installation, backup, …) -> Restored · settle(vault, made_at, at) -> Settled
rotation    alone(path) · begin · rewrap · retire: `rotate-keys` in steps that can be interrupted
"""
