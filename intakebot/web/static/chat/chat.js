// The web chat with script: the same forms, sent without loading the page anew. Whatever fails
// here, the page works as a plain page. `X-Part` asks for the new messages and question only.
// What begins with static: becomes the address of that file (web/static.py).

const SHORT_S = 10, LONG_S = 60, SLOW_AFTER = 6, ESCAPE_MS = 1200, PATIENCE_MS = 20000, OFTEN = Error("429");
const thread = document.getElementById("thread");
const by = (id) => document.getElementById(id);
const SOON_S = 1, HELD_MS = 5000;
let busy = false, polls = 0, timer = 0, escaped = 0, hanging = new AbortController();

function leave() {
  document.documentElement.hidden = true;
  window.speechSynthesis?.cancel();
  location.replace(by("exit").href);
}

// A page that the browser kept whole must not show what was closed since.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
by("exit").addEventListener("click", (event) => { event.preventDefault(); leave(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (event.timeStamp - escaped < ESCAPE_MS) { event.preventDefault(); leave(); } // Esc would stop loading
    escaped = event.timeStamp;
  }
  const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing
    && event.target.matches("textarea") && matchMedia("(pointer:fine)").matches;
  if (sends) { event.preventDefault(); event.target.form.requestSubmit(); }
});

if (thread) {
  document.addEventListener("submit", send);
  document.addEventListener("visibilitychange", () => { polls = 0; hanging.abort(); wait(document.hidden ? 0 : 0.5); });
  wait(SOON_S);
  window.speechSynthesis?.addEventListener("voiceschanged", listen);
  listen();
  hear();
}

// What is needed to speak comes with the first question that may be spoken to.
function hear() {
  if (by("audio")) import("static:chat/voice.js");
}

// Reading aloud is fetched only where somebody can hear it: a voice in the device, or a recording.
function listen() {
  const able = document.querySelector("audio") || window.speechSynthesis?.getVoices().some((it) => it.localService);
  if (able) import("static:chat/aloud.js").then((it) => it.mark(thread.dataset.hear));
}

async function send(event) {
  const form = event.target;
  event.preventDefault();
  if (busy) return;
  const body = new FormData(form, event.submitter);
  const typed = form.contains(by("say"));
  if (typed && !by("say").value.trim()) return by("say").focus();
  const big = [...body.values()].some((it) => it.size > Number(form.dataset.most));
  if (big) return complain(form.dataset.big);
  hanging.abort();
  set(true);
  try {
    const file = form.enctype === "multipart/form-data";
    const answer = await ask(form.action, { method: "POST", body: file ? body : new URLSearchParams(body) });
    if (answer === null) return location.assign("/");
    polls = 0;
    show(answer);
    const field = by("say");
    if (typed && !field.form.matches(".or")) field.focus({ preventScroll: true });
    else by("vraag").focus({ preventScroll: true });
    look();
  } catch (error) {
    complain(error === OFTEN ? thread.dataset.often : thread.dataset.offline);
  } finally {
    set(false);
    wait(SOON_S);
  }
}

// The part that the server answers with; null when it answered with something else.
async function ask(address, options) {
  const patience = options.body instanceof FormData ? undefined : AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(address, { signal: patience, ...options, headers: { "X-Part": "1" } });
  if (answer.status === 204) return "";
  if (answer.status === 429) throw OFTEN;
  if (answer.status === 205) location.assign("/");
  return answer.headers.get("X-Part") ? answer.text() : null;
}

function show(html) {
  const part = new DOMParser().parseFromString(html, "text/html");
  const fresh = part.querySelector("[data-waits]");
  thread.dataset.waits = fresh.dataset.waits;
  thread.querySelectorAll(".new, #nieuw").forEach((it) => { it.classList.remove("new"); it.removeAttribute("id"); });
  thread.append(...fresh.children);
  by("ask").replaceWith(part.querySelector("#ask"));
  by("offline")?.remove();
  listen();
  wait(SOON_S);
  hear();
}

// What is new comes in sight from its beginning; a question alone comes whole.
function look() {
  (by("nieuw") || by("ask")).scrollIntoView({ block: by("nieuw") ? "start" : "nearest" });
}

function set(now) {
  busy = now;
  document.body.classList.toggle("busy", now);
  by("ask").setAttribute("aria-busy", now);
}

// Nothing is lost: the same form can be sent again and counts once.
function complain(text) {
  by("offline")?.remove();
  const sentence = document.createElement("p");
  Object.assign(sentence, { id: "offline", className: "notice error", textContent: text });
  sentence.setAttribute("role", "alert");
  by("vraag").parentNode.after(sentence);
}

// After sending, a person may write: hang on the server until there is something new, while somebody
// looks at the page. Where it does not let us hang, ask now and then, ever slower.
function wait(seconds) {
  clearTimeout(timer);
  if (thread.dataset.waits === "1" && seconds && !document.hidden) timer = setTimeout(poll, seconds * 1000);
}

async function poll() {
  polls += 1;
  const seen = document.querySelector("#ask [name=seen]").value, begun = Date.now();
  hanging.abort();
  hanging = new AbortController();
  const { signal } = hanging;
  const answer = busy ? "" : await ask(`/nieuw?wacht=1&seen=${seen}`, { signal }).catch(() => "");
  if (signal.aborted) return; // whoever did that asks anew
  if (answer && !busy) {
    const field = by("say"), typed = field.value, here = document.activeElement === field;
    show(answer);
    by("say").value = typed;
    if (here) by("say").focus({ preventScroll: true });
    if (!here && !typed) look();
  }
  wait(Date.now() - begun > HELD_MS ? 0.5 : polls > SLOW_AFTER ? LONG_S : SHORT_S);
}
