// Says that something is new. Without this the page works the same: reload it.

const EVERY_MS = 30_000;
const news = document.getElementById("nieuws");

async function look() {
  if (document.hidden) return;
  const address = `${news.dataset.ask}?merk=${encodeURIComponent(news.dataset.mark)}`;
  let response;
  try {
    response = await fetch(address, { redirect: "error" });
  } catch {
    return; // no network: the next time
  }
  if (response.status === 204) return;
  const notice = news.firstElementChild;
  if (response.status === 401) notice.firstElementChild.textContent = news.dataset.out;
  if (response.status === 200 || response.status === 401) {
    notice.hidden = false;
    clearInterval(again);
  }
}

const again = setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);
