// The session of a page: asks before it ends whether to stay, and after it has ended whether to go on. How long it lasts
// only the server knows, because other tabs and devices count; the page's own clock says when to ask again.

const WARNED_BEFORE = 5 * 60; // seconds
const ASKED_EVERY = 20; // seconds, while the end is near

export class Session {
  #timer;

  /** goOn: called when the session goes on after it had ended. */
  constructor(server, goOn = () => {}) {
    this.server = server;
    this.goOn = goOn;
    this.stay = document.getElementById("stay");
    this.pause = document.getElementById("pause");
  }

  start() {
    this.stay.querySelector("button").addEventListener("click", () => this.#stay());
    this.stay.addEventListener("cancel", (event) => {
      event.preventDefault(); // The Escape key is somebody who is there, too.
      this.#stay();
    });
    this.pause.querySelector("button").addEventListener("click", () => this.#continue());
    this.pause.addEventListener("cancel", (event) => event.preventDefault());
    document.addEventListener("visibilitychange", () => this.look());
  }

  get isOver() {
    return this.pause.open;
  }

  /** It is over, the server has said: whether to go on is asked once. */
  end() {
    clearTimeout(this.#timer);
    this.stay.close();
    if (!this.pause.open) this.pause.showModal();
  }

  /** Ask the server how long it lasts. Nobody is asked anything on a page that nobody sees. */
  async look() {
    if (document.hidden || this.isOver) return;
    const outcome = await this.server.look();
    if (outcome === "done") this.heard();
    else if (outcome === "session") this.end();
    else this.#lookIn(ASKED_EVERY);
  }

  /** What the server said last: how long it lasts, and by what the forms of the page may be sent later. */
  heard() {
    for (const field of document.querySelectorAll('input[name="page_secret"]')) field.value = this.server.secret;
    const { secondsLeft, canStay } = this.server;
    const isNear = secondsLeft <= WARNED_BEFORE;
    if (!isNear || !canStay) this.stay.close();
    else this.#warn(Math.max(1, Math.round(secondsLeft / 60)));
    this.#lookIn(isNear ? Math.min(secondsLeft + 1, ASKED_EVERY) : secondsLeft - WARNED_BEFORE);
  }

  #warn(minutes) {
    const text = document.getElementById("stay-text");
    text.textContent = text.dataset.text.replace("{minutes}", minutes);
    if (!this.stay.open) show(this.stay, "");
  }

  #lookIn(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), seconds * 1000);
  }

  async #stay() {
    const outcome = await this.server.stay();
    if (outcome === "done") this.heard();
    else if (outcome === "session") this.end();
    else say(this.stay, outcome);
  }

  async #continue() {
    const outcome = await this.server.renew();
    say(this.pause, outcome);
    if (outcome !== "done") return;
    this.pause.close();
    this.heard();
    this.goOn();
  }
}

function show(dialog, outcome) {
  say(dialog, outcome);
  dialog.showModal();
}

/** Show what a dialog has to say about an outcome, and nothing else. */
function say(dialog, outcome) {
  for (const message of dialog.querySelectorAll("[data-when]")) message.hidden = message.dataset.when !== outcome;
}
