// One asset, large: media that cannot be played, and pages that the server was too busy for.

const MEDIA = "#stage :is(video, audio)";
const PAGE = ".page-list img";
const RETRY_DELAY = 3000; // milliseconds

// Replaces the controls of media in an unsupported format with a notice. A lost connection is another matter.
function showIfUnplayable(media) {
  if (!(media.error?.code > MediaError.MEDIA_ERR_NETWORK)) return;
  media.controls = false;
  media.nextElementSibling.hidden = false;
}

function retryOnce(page) {
  if (page.dataset.retried) return;
  page.dataset.retried = "true";
  setTimeout(() => (page.src = page.src), RETRY_DELAY);
}

function fail({ target }) {
  if (target.matches(MEDIA)) showIfUnplayable(target);
  else if (target.matches(PAGE)) retryOnce(target);
}

document.addEventListener("error", fail, true);
// Those that failed before this script was loaded.
document.querySelectorAll(MEDIA).forEach(showIfUnplayable);
