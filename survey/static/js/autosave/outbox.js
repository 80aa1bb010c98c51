// Answers on their way: one save after the other, in the order in which they were given.

/** A save is {op_id, position, evaluation, answers: {question: {values, base_revision}}, sealed}; evaluation names the
    page, null is the profile. A sealed one has been sent at least once and is never changed again, so that the server
    can tell a second time from a new answer. */
export class Outbox {
  constructor() {
    this.saves = [];
    // Those with something to look at on another page, which sends them again and is told the same.
    this.parked = [];
    this.store = null;
    this.writing = Promise.resolve();
  }

  get isEmpty() {
    return this.saves.length === 0;
  }

  has(evaluation, question) {
    return this.saves.some((save) => save.evaluation === evaluation && question in save.answers);
  }

  /** Keep on the device from now on, with what pages that are gone have left there. */
  async keepIn(store) {
    this.store = store;
    try {
      const { saves, forget } = await store.left();
      this.saves.unshift(...saves.map((save) => ({ ...save, sealed: true })));
      await this.#keep();
      if (this.store) await forget();
      return saves;
    } catch {
      this.store = null;
      return [];
    }
  }

  add({ position, evaluation }, question, values, base_revision) {
    let save = this.saves.at(-1);
    if (!save || save.sealed || save.evaluation !== evaluation) {
      save = { op_id: newId(), position, evaluation, answers: {}, sealed: false };
      this.saves.push(save);
    }
    const before = save.answers[question];
    save.answers[question] = { values, base_revision: before ? before.base_revision : base_revision };
    return this.#keep();
  }

  /** The next save as the server wants it, sealed. */
  next() {
    const save = this.saves[0];
    save.sealed = true;
    this.#keep();
    return bodyOf(save);
  }

  /** The save got its reply: later answers to the same questions build on it, but not those to `marked` questions,
      where it did not stand. A later save that may have been sent gets a new number with its new content. */
  done({ op_id }, revision, marked, isForAnotherPage) {
    const place = this.#place(op_id);
    if (place < 0) return;
    const [answered] = this.saves.splice(place, 1);
    const { evaluation, answers } = answered;
    if (isForAnotherPage) this.parked.push(answered);
    for (const save of this.saves.slice(place)) {
      if (save.evaluation !== evaluation) continue;
      const again = Object.keys(answers).filter((question) => question in save.answers && !marked.has(question));
      for (const question of again) {
        save.answers[question].base_revision = Math.max(save.answers[question].base_revision, revision);
      }
      if (again.length > 0 && save.sealed) save.op_id = newId();
    }
    this.#keep();
  }

  /** The server knows the number with other content: the same answers under a new one. */
  renumber({ op_id }) {
    const save = this.saves[this.#place(op_id)];
    if (save) save.op_id = newId();
    return this.#keep();
  }

  /** The server knows less than the page has seen, because a backup was put back: build on nothing, so that whatever
      stands is shown beside these answers. */
  rebase({ op_id }) {
    for (const answer of Object.values(this.saves[this.#place(op_id)]?.answers ?? {})) answer.base_revision = 0;
    return this.renumber({ op_id });
  }

  drop({ op_id }) {
    this.saves = this.saves.filter((save) => save.op_id !== op_id);
    return this.#keep();
  }

  clear() {
    this.saves = [];
    this.parked = [];
    return this.#keep();
  }

  /** Everything, sealed, for the moment in which the page goes away. */
  all() {
    return this.saves.map((save) => {
      save.sealed = true;
      return bodyOf(save);
    });
  }

  // Where a save is by now: what pages before this one have left may have come before it.
  #place(op_id) {
    return this.saves.findIndex((save) => save.op_id === op_id);
  }

  // One write after the other, each with what there is when its turn comes.
  #keep() {
    this.writing = this.writing
      .then(() => this.store?.write([...this.parked, ...this.saves]))
      .catch(() => {
        this.store = null;
      });
    return this.writing;
  }
}

function bodyOf({ op_id, position, evaluation, answers }) {
  const listed = Object.entries(answers).map(([question, answer]) => ({ question, ...answer }));
  return { op_id, position, evaluation, answers: listed };
}

// crypto.randomUUID is missing on plain http.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
