// The same intake with grammY: its conversations plugin, kept in SQLite at every turn.
//
// Run by tests/bench/race.py with the script as JSON: `node bot.cjs SCRIPT STATE API PORT`, where
// NODE_PATH names what `npm ci` installed. As grammY's documents have it: one function tells the
// whole conversation, which the plugin replays at each update from what it kept; the webhook is
// answered after the update was handled. grammY brings no storage for SQLite; this one is as
// durable as ours: WAL, `synchronous = FULL`, one commit for each write.

"use strict";

const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { join } = require("node:path");
const { Bot, InlineKeyboard, webhookCallback } = require("grammy");
const { conversations, createConversation } = require("@grammyjs/conversations");
const { DatabaseSync } = require("@photostructure/sqlite");

const TOKEN = "42:bench-bench-bench-bench-bench-bench";
const SECRET = "bench";
// As many as Telegram allows; each bot of the race asks for the same.
const CONNECTIONS = 100;

function storage(path) {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE IF NOT EXISTS chats (chat TEXT PRIMARY KEY, state TEXT)");
  const read = database.prepare("SELECT state FROM chats WHERE chat = ?");
  const write = database.prepare(
    "INSERT INTO chats (chat, state) VALUES (?, ?)" +
      " ON CONFLICT (chat) DO UPDATE SET state = excluded.state",
  );
  const drop = database.prepare("DELETE FROM chats WHERE chat = ?");
  return {
    database, // the binding closes what nobody holds, its statements notwithstanding
    read: (chat) => {
      const row = read.get(chat);
      return row === undefined ? undefined : JSON.parse(row.state);
    },
    write: (chat, state) => void write.run(chat, JSON.stringify(state)),
    delete: (chat) => void drop.run(chat),
  };
}

function intakeOf(steps) {
  return async function intake(conversation, context) {
    const answers = [context.message.text];
    for (const { shown, keys } of steps.slice(1)) {
      const keyboard = InlineKeyboard.from(
        keys.map(([label, key]) => [InlineKeyboard.text(label, key)]),
      );
      await context.reply(shown, { reply_markup: keyboard });
      context = await conversation.waitFor(["message:text", "callback_query:data"]);
      if (context.callbackQuery) {
        await context.answerCallbackQuery();
      }
      answers.push(context.callbackQuery?.data ?? context.message.text);
    }
    const told = answers.map((answer, nth) => `${nth}: ${answer}`).join("\n");
    await context.reply(`IB-0000\n${told}`);
  };
}

async function main(script, state, api, port) {
  const steps = JSON.parse(readFileSync(script, "utf8"));
  const bot = new Bot(TOKEN, { client: { apiRoot: api } });
  const adapter = storage(join(state, "state.sqlite"));
  bot.use(conversations({ storage: { type: "key", version: 1, adapter } }));
  bot.use(createConversation(intakeOf(steps), "intake"));
  bot.command("start", (context) => context.conversation.enter("intake"));
  await bot.init();
  const answer = webhookCallback(bot, "http", { secretToken: SECRET });
  createServer(answer).listen(Number(port), "127.0.0.1");
  await bot.api.setWebhook(`http://127.0.0.1:${port}/hook`, {
    secret_token: SECRET,
    max_connections: CONNECTIONS,
  });
}

main(...process.argv.slice(2));
