// Reading aloud: a button beside each message of ours, where a recording of it lies ready or the
// device itself has a voice for its language. Nothing speaks by itself; a second press stops.
// Voices that send the text to somebody else (`localService` false) are not used.

const SPEAKERS = ".msg:not(.own), #ask .q", WORDS = "h2, p, summary, dt, dd, .by bdi";
const ANSWERS = "#ask .choices > .next, #ask .choices > .tick b", PACE = 0.9;
const speech = window.speechSynthesis;
let speaking = null;

addEventListener("pagehide", quiet);

// A button beside each message that has none; who spoke and is gone falls silent.
export function mark(hear) {
  if (speaking && !speaking.isConnected) quiet();
  for (const it of document.querySelectorAll(SPEAKERS)) {
    const audio = it.querySelector("audio");
    if (it.querySelector(".hear") || !(audio || voice(it))) continue;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "hear" });
    button.setAttribute("aria-label", hear);
    button.setAttribute("aria-pressed", false);
    button.innerHTML = ["luister", "stil"].map((name) =>
      `<svg class="pic turned" aria-hidden="true"><use href="static:pictures/later.svg#${name}"/></svg>`).join("");
    button.addEventListener("click", () => (speaking === button ? quiet() : speak(button, it, audio)));
    if (audio) {
      audio.hidden = true;
      for (const end of ["ended", "error"]) audio.addEventListener(end, () => speaking === button && quiet());
    }
    it.append(button);
  }
}

function speak(button, it, audio) {
  quiet();
  speaking = button;
  button.setAttribute("aria-pressed", true);
  if (audio) return audio.play().catch(() => speaking === button && quiet());
  const answers = it.matches(".q") ? document.querySelectorAll(ANSWERS) : [];
  const said = [...it.querySelectorAll(WORDS), ...answers].map((one) => utterance(one, voice(it)));
  said.at(-1).addEventListener("end", () => speaking === button && quiet());
  said.forEach((one) => speech.speak(one));
}

function utterance(one, of) {
  const said = new SpeechSynthesisUtterance(one.textContent);
  return Object.assign(said, { voice: of, lang: of.lang, rate: PACE });
}

function quiet() {
  speech?.cancel();
  document.querySelectorAll("audio").forEach((it) => { it.pause(); it.currentTime = 0; });
  speaking?.setAttribute("aria-pressed", false);
  speaking = null;
}

// The device's own voice for the language of this element: as it is spoken where it has its name
// from ("nl" in nl-NL), or else anywhere.
function voice(it) {
  const lang = it.closest("[lang]").lang.toLowerCase(), short = lang.split("-")[0];
  const own = (speech?.getVoices() ?? []).filter((one) => one.localService)
    .map((one) => [one.lang.toLowerCase().replace("_", "-"), one]);
  const fits = [(tag) => tag === lang, (tag) => tag === `${short}-${short}`, (tag) => tag.split("-")[0] === short];
  return fits.map((fit) => own.find(([tag]) => fit(tag))).find(Boolean)?.[1];
}
