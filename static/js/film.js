// Plays a video in its card, silently, while a mouse rests on it or its title is focused, where motion is welcome.

// In milliseconds.
const [DELAY, MAX_DURATION] = [250, 20_000];
const wantsStillness = matchMedia("(prefers-reduced-motion: reduce)");
let card = null;
let film = null;
let timer;

function show(next) {
  if (next === card) return;
  stop();
  card = next;
  if (card && !wantsStillness.matches) timer = setTimeout(play, DELAY);
}

function play() {
  film = Object.assign(document.createElement("video"), { className: "card-film", muted: true, loop: true });
  if (!film.canPlayType(card.dataset.film)) return;
  const playing = film;
  playing.ariaHidden = "true";
  playing.addEventListener("playing", () => (playing.dataset.playing = ""));
  playing.src = `${card.dataset.asset}original/`;
  card.querySelector(".card-picture img")?.after(playing);
  playing.play().catch(() => playing.remove());
  timer = setTimeout(stop, MAX_DURATION);
}

// Without a source, the browser loads no more of it.
function stop() {
  clearTimeout(timer);
  film?.removeAttribute("src");
  film?.load();
  film?.remove();
  film = null;
}

document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType === "mouse") show(target.closest?.("[data-film]") ?? null);
});
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".card-title:focus-visible")) show(target.closest("[data-film]"));
});
document.addEventListener("focusout", () => card && !card.matches(":hover") && show(null));
