// Speaking instead of typing: one button begins, the same one ends and sends. What was said goes into
// the file field of the form, so that it takes the same road as a file that was chosen by hand.

const MINUTES_MAX = 10, BITS_PER_S = 24000, TICK_MS = 500;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const ENDINGS = { webm: "webm", mp4: "m4a", ogg: "ogg" };
let recorder = null;

if (window.MediaRecorder && navigator.mediaDevices) {
  document.documentElement.classList.add("records");
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".mic");
    if (!button) return;
    if (recorder) recorder.stop();
    else record(button).catch(() => refuse(button.form));
  });
}

async function record(button) {
  const form = button.form, words = button.querySelector("span"), before = words.textContent;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const pieces = [], begun = Date.now(), passed = () => Math.round((Date.now() - begun) / 1000);
  recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_S });
  const clock = setInterval(() => {
    const seconds = passed();
    button.querySelector("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds >= MINUTES_MAX * 60 && recorder) recorder.stop();
  }, TICK_MS);
  recorder.ondataavailable = (event) => pieces.push(event.data);
  recorder.onstop = () => {
    const type = recorder.mimeType;
    clearInterval(clock);
    stream.getTracks().forEach((track) => track.stop());
    recorder = null;
    button.setAttribute("aria-pressed", "false");
    words.textContent = before;
    button.querySelector("time").textContent = "";
    put(form, new Blob(pieces, { type }), passed());
  };
  recorder.start();
  button.setAttribute("aria-pressed", "true");
  words.textContent = form.dataset.stop;
}

function put(form, sound, seconds) {
  const held = new DataTransfer(), kind = sound.type.split(";")[0];
  held.items.add(new File([sound], `stem.${ENDINGS[kind.split("/")[1]] || "webm"}`, { type: kind }));
  form.elements.audio.files = held.files;
  form.elements.seconds.value = seconds;
  form.requestSubmit(form.querySelector(".go"));
}

// Without a microphone, or without leave to use it: a file can still be chosen.
function refuse(form) {
  document.documentElement.classList.remove("records");
  const sentence = Object.assign(document.createElement("p"), { className: "notice", textContent: form.dataset.denied });
  sentence.setAttribute("role", "alert");
  form.prepend(sentence);
}
