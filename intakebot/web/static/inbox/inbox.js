// Says that something is new. Without this the page works the same: reload it.

// We hang on the server until there is something new; where it does not let us, we ask now and then.
const EVERY_MS = 30_000, HELD_MS = 5_000, SOON_MS = 500;
const news = document.getElementById("nieuws");
let timer = 0, hanging = new AbortController();

function wait(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(look, milliseconds);
}

async function look() {
  hanging.abort();
  if (document.hidden || !news.firstElementChild.hidden) return;
  hanging = new AbortController();
  const { signal } = hanging, begun = Date.now();
  const address = `${news.dataset.ask}?wacht=1&merk=${encodeURIComponent(news.dataset.mark)}`;
  let status = 0; // no network: the next time
  try {
    status = (await fetch(address, { redirect: "error", signal })).status;
  } catch {
    if (signal.aborted) return; // whoever did that asks anew
  }
  const notice = news.firstElementChild;
  if (status === 401) notice.firstElementChild.textContent = news.dataset.out;
  if (status === 200 || status === 401) notice.hidden = false;
  else wait(Date.now() - begun > HELD_MS ? SOON_MS : EVERY_MS);
}

wait(SOON_MS);
document.addEventListener("visibilitychange", look);
