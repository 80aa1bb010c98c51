// Says how many characters a text may still have, once it comes near the limit; and how many are too many. Nothing is cut
// off: a text that is too long stays where it is until its writer has shortened it.

const NEAR = 0.1; // of the limit
const TYPING_PAUSE = 1_000;

export class Remaining {
  constructor(form, texts) {
    this.texts = texts;
    this.timers = new WeakMap();
    form.addEventListener("input", (event) => event.target.dataset.limit && this.#soon(event.target));
    this.tellOf(form);
  }

  /** Of every text in a part of the page that was just put there. */
  tellOf(part) {
    for (const text of part.querySelectorAll("textarea[data-limit]")) this.#tell(text);
  }

  /** Not with every key: a screen reader reads each change aloud. */
  #soon(text) {
    clearTimeout(this.timers.get(text));
    this.timers.set(
      text,
      setTimeout(() => this.#tell(text), TYPING_PAUSE),
    );
  }

  #tell(text) {
    const limit = Number(text.dataset.limit);
    const left = limit - [...text.value].length; // As the server counts: halves of a character are none.
    const says = left < 0 ? this.texts.too_many : left <= limit * NEAR ? this.texts.left : "";
    const place = document.getElementById(`${text.id}-left`);
    place.textContent = says.replace("{n}", Math.abs(left));
    place.classList.toggle("is-over", left < 0);
  }
}
