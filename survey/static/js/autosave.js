// Saves every answer when it is given. Binds to <form data-autosave="address of the interview's API">.
//
// The page calls an answer saved only when the server has said so. Until then it waits in the outbox, which survives
// reload and closing. Without this script the page's buttons save everything, too.

import { Outbox } from "./autosave/outbox.js";
import { Questions } from "./autosave/questions.js";
import { Server } from "./autosave/server.js";
import { Session } from "./autosave/session.js";
import { Store } from "./autosave/store.js";

const TYPING_PAUSE = 800;
const ARROW_PAUSE = 1_000;
const SAVING_IS_SHOWN_AFTER = 400;
const SLOW = 5_000;
const NEWS_EVERY = 4_000;
const NEWS_WHEN_IDLE = 30_000;
const IDLE = 10 * 60 * 1000;
const LONGEST_WAIT = 30_000;
const LEAVING_TAKES = 15_000;
const KEEPALIVE_AT_MOST = 60 * 1024;
const UNSEEN = 1_000; // What came so shortly before a button was pressed was not seen by who pressed it.

class Autosave {
  constructor(form) {
    this.form = form;
    this.texts = JSON.parse(form.dataset.texts);
    this.position = form.dataset.position ? Number(form.dataset.position) : null;
    this.evaluation = form.dataset.evaluation || null;
    this.step = form.dataset.step;
    // Everything up to this revision is on the page; single questions may be further.
    this.seen = Number(form.dataset.revision);
    this.further = new Map();
    this.server = new Server(form.dataset.autosave, form.elements.csrf_token.value);
    this.outbox = new Outbox();
    this.questions = new Questions(form, this.texts);
    this.state = document.getElementById("save-state");
    this.elsewhere = document.getElementById("elsewhere");
    this.session = new Session(this.server, () => this.#goOn());
    this.typing = new Map();
    this.isByArrows = false;
    this.given = new Set();
    this.failures = 0;
    this.isOpening = false;
    this.isSending = false;
    this.isOver = false;
    this.leaving = null;
    this.lastAct = Date.now();
    this.pressedAt = 0;
    this.lastConflict = null;
  }

  async start() {
    this.form.addEventListener("change", (event) => this.#changed(event.target));
    this.form.addEventListener("input", (event) => this.#typed(event.target));
    this.form.addEventListener("keydown", (event) => (this.isByArrows = event.key.startsWith("Arrow")));
    this.form.addEventListener("pointerdown", () => (this.isByArrows = false));
    for (const kind of ["pointerdown", "keydown"]) {
      this.form.addEventListener(kind, () => (this.pressedAt = Date.now()), { capture: true });
    }
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    addEventListener("online", () => this.#again());
    addEventListener("offline", () => this.outbox.isEmpty || this.#say("offline"));
    addEventListener("beforeunload", (event) => this.#warn(event));
    addEventListener("pagehide", () => this.#sendLast());
    addEventListener("pageshow", (event) => event.persisted && this.#comeOutOfCache());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#sendLast() : this.#comeBack()));
    this.session.start();
    setTimeout(() => this.#news(), NEWS_EVERY);
    await this.#open();
  }

  /** Once it is open, answers wait on the device. Until the server can be asked they wait in memory. */
  async #open() {
    if (this.isOpening) return;
    this.isOpening = true;
    const key = await this.server.open();
    if (key !== null) this.session.heard(); // What it said of the time left counts from now.
    const store = key === null ? null : await Store.open(this.server.address, key);
    if (store !== null) this.#showAgain(await this.outbox.keepIn(store));
    this.isOpening = false;
    if (this.state.dataset.state === "offline") this.#say("offline");
    else if (key !== null && !this.outbox.store) this.#say("memory");
    this.#send();
  }

  #showAgain(saves) {
    for (const save of saves) {
      if (save.evaluation !== this.evaluation) continue;
      for (const [question, { values }] of Object.entries(save.answers)) {
        if (!this.given.has(question)) this.questions.set(question, values);
      }
    }
  }

  // Answers ---------------------------------------------------------------------------------------------------------

  #changed(control) {
    const question = this.questions.of(control);
    if (!question) return;
    // Who walks through answers by the arrow keys chooses each on the way; the one they stay at is meant.
    if (control.type === "radio" && this.isByArrows) this.#giveSoon(question, ARROW_PAUSE);
    else this.#give(question);
  }

  #typed(control) {
    this.lastAct = Date.now();
    const question = this.questions.of(control);
    if (control.type === "textarea" && question) this.#giveSoon(question, TYPING_PAUSE);
  }

  #giveSoon(question, pause) {
    this.given.add(question);
    if (!this.failures && navigator.onLine) this.#say("saving"); // "Saved" would not be true of what is written now.
    // What others change while somebody types is not seen by who types.
    const base = this.typing.get(question)?.base ?? this.#baseOf(question);
    clearTimeout(this.typing.get(question)?.timer);
    this.typing.set(question, { base, timer: setTimeout(() => this.#give(question), pause) });
  }

  #give(question, base = this.typing.get(question)?.base ?? this.#baseOf(question)) {
    this.lastAct = Date.now();
    clearTimeout(this.typing.get(question)?.timer);
    this.typing.delete(question);
    if (this.isOver) return;
    this.given.add(question);
    this.outbox.add(this, question, this.questions.values(question), base);
    this.#send();
  }

  #giveWhatIsTyped() {
    for (const question of [...this.typing.keys()]) this.#give(question);
  }

  #isOnItsWay(question) {
    return this.typing.has(question) || this.outbox.has(this.evaluation, question);
  }

  #baseOf(question) {
    return Math.max(this.seen, this.further.get(question) ?? 0);
  }

  // Sending ---------------------------------------------------------------------------------------------------------

  async #send() {
    if (this.isSending) return;
    this.isSending = true;
    try {
      while (!this.outbox.isEmpty && !this.isOver && !this.session.isOver) await this.#sendNext();
    } finally {
      this.isSending = false;
    }
    if (this.leaving && (this.outbox.isEmpty || this.isOver)) this.#leave();
  }

  async #sendNext() {
    const save = this.outbox.next();
    const outcome = await this.#patiently(this.server.save(save));
    if (outcome.kind !== "later") {
      this.#took(save, outcome);
      return;
    }
    this.failures += 1;
    this.#say(navigator.onLine ? "retry" : "offline");
    await this.#wait(outcome.wait);
  }

  #took(save, { kind, reply }) {
    if (kind === "done") {
      const wasFailing = this.failures > 0;
      this.failures = 0;
      if (!this.server.secret) this.#open();
      const marked = markedBy(reply);
      const isForAnotherPage = marked.size > 0 && !this.#shows(save, marked);
      this.outbox.done(save, reply.revision, marked, isForAnotherPage);
      if (isForAnotherPage) this.#tellOfAnotherPage(save);
      this.#show(save, reply, wasFailing);
    } else if (kind === "session") {
      this.session.end();
    } else if (kind === "wrong" && reply.code === "operation_reused") {
      this.outbox.renumber(save);
    } else if (kind === "wrong" && reply.code === "unknown_revision") {
      this.outbox.rebase(save);
      this.seen = 0;
      this.further.clear();
    } else if (kind === "wrong") {
      this.outbox.drop(save);
      this.failures = 0;
      this.#tellThatPageChanged();
      this.#sayHowItStands("new", "");
    } else if (kind === "over") {
      this.#end(reply);
    }
  }

  #show(save, reply, wasFailing) {
    const marked = markedBy(reply);
    if (save.evaluation === this.evaluation) {
      for (const { question, values } of save.answers) {
        if (!marked.has(question)) {
          this.further.set(question, reply.revision);
          // What is written meanwhile builds on it.
          const written = this.typing.get(question);
          if (written) written.base = Math.max(written.base, reply.revision);
          this.questions.settle(question);
        } else if (!this.#isOnItsWay(question)) {
          this.leaving = null; // There is something to look at first.
          this.#mark(question, values, reply);
        } // Else the reply to what was given meanwhile tells it, because that builds on the same.
      }
    }
    // One more than was seen: nobody else has changed anything in between.
    if (reply.is_new && reply.revision === this.seen + 1) this.seen = reply.revision;
    this.#noteRevision();
    const says = wasFailing && reply.says ? `${this.texts.online}. ${reply.says}` : reply.says;
    this.#sayHowItStands(reply.says ? "saved" : "new", says);
  }

  #shows(save, marked) {
    return save.evaluation === this.evaluation && [...marked].every((question) => this.questions.isHere(question));
  }

  #mark(question, mine, reply) {
    const html = reply.questions[question];
    if (!html || !this.questions.replace(question, html)) {
      if (this.questions.isHere(question)) this.#tellThatPageChanged(); // It is not asked any more.
      return;
    }
    if (reply.conflicts.some((each) => each.question === question)) {
      this.further.set(question, reply.revision);
      this.lastConflict = { question, at: Date.now() };
    }
    this.questions.offerBoth(
      question,
      () => {
        this.questions.set(question, mine);
        this.#give(question, reply.revision);
        this.questions.focus(question);
      },
      () => {
        this.questions.settle(question);
        this.questions.focus(question);
        this.#sayHowItStands("saved", reply.says);
        this.#news(true); // It may have changed since it was shown here.
      },
    );
  }

  /** "Saving" is shown when it takes a moment, "not saved yet" when it takes long. */
  async #patiently(reply) {
    const soon = setTimeout(() => this.failures || this.#say("saving"), SAVING_IS_SHOWN_AFTER);
    const long = setTimeout(() => this.#say("retry"), SLOW);
    const outcome = await reply;
    clearTimeout(soon);
    clearTimeout(long);
    return outcome;
  }

  #wait(atLeast) {
    const grown = Math.min(LONGEST_WAIT, 1000 * 2 ** (this.failures - 1));
    const wait = Math.max(atLeast, grown * (0.5 + Math.random() / 2));
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, wait);
    });
  }

  #again() {
    this.failures = Math.min(this.failures, 1);
    this.wake?.();
    this.#send();
  }

  // Leaving and coming back -----------------------------------------------------------------------------------------

  #submitted(event) {
    this.#giveWhatIsTyped();
    if (this.leaving?.isSent) {
      event.preventDefault(); // Pressed twice.
      return;
    }
    if (this.#hasUnseenConflict()) {
      event.preventDefault();
      this.questions.focus(this.lastConflict.question);
      this.lastConflict = null;
      return;
    }
    if (this.outbox.isEmpty || this.isOver) {
      const leaving = { isSent: true };
      this.leaving = leaving;
      // Who stopped the browser meanwhile is still here and may press again.
      setTimeout(() => {
        if (this.leaving === leaving) this.leaving = null;
      }, LEAVING_TAKES);
      return;
    }
    event.preventDefault();
    this.leaving = { submitter: event.submitter, isSent: false };
    this.#again();
  }

  /** Pressing a button ends writing, which saves; the reply may come before the button is let go. */
  #hasUnseenConflict() {
    return this.lastConflict !== null && this.pressedAt - this.lastConflict.at < UNSEEN;
  }

  #leave() {
    const { submitter, isSent } = this.leaving;
    if (isSent) return;
    this.leaving = null;
    this.form.requestSubmit(submitter);
  }

  #warn(event) {
    if (this.outbox.isEmpty || this.isOver || this.leaving?.isSent) return;
    if (this.failures > 0 || !navigator.onLine || !this.outbox.store) event.preventDefault();
  }

  #sendLast() {
    this.#giveWhatIsTyped();
    let size = 0;
    for (const save of this.outbox.all()) {
      size += JSON.stringify(save).length * 2;
      if (size > KEEPALIVE_AT_MOST) break;
      this.server.save(save, { keepalive: true });
    }
  }

  #comeBack() {
    if (this.leaving?.isSent) this.leaving = null;
    this.#news(true);
    this.#again();
  }

  /** A browser that goes back may show the page as it was, with a note of what was saved then. */
  #comeOutOfCache() {
    if (this.outbox.isEmpty) location.reload();
    else this.#comeBack();
  }

  async #goOn() {
    if (!this.outbox.store) await this.#open();
    this.#again();
  }

  // Others at the same interview --------------------------------------------------------------------------------------

  async #news(once = false) {
    if (!this.isOver && !this.session.isOver && !document.hidden && !this.leaving) {
      const { kind, reply } = await this.server.news(this.seen, this.position, this.step);
      if (kind === "done" && reply.revision > this.seen) this.#hear(reply);
      else if (kind === "session") this.session.end();
      else if (kind === "over") this.#end(reply);
      else if (kind === "wrong") this.#tellThatPageChanged();
    }
    if (!this.server.secret && !this.isOver && !this.session.isOver && !document.hidden) await this.#open();
    if (!once) setTimeout(() => this.#news(), Date.now() - this.lastAct > IDLE ? NEWS_WHEN_IDLE : NEWS_EVERY);
  }

  #hear(reply) {
    if (reply.evaluation !== (this.evaluation ?? "")) {
      this.#tellThatPageChanged(); // Another region was chosen, and with it another practice.
      return;
    }
    let isNew = false;
    let isAllShown = true;
    for (const [question, html] of Object.entries(reply.questions)) {
      if (this.further.get(question) >= reply.revision) continue;
      // What this page is about to send is told by the server's reply to that, and a choice stays until it is made.
      if (this.#isOnItsWay(question) || this.questions.isMarked(question)) {
        isAllShown = false;
        continue;
      }
      const before = this.questions.values(question).join();
      this.questions.replace(question, html);
      this.further.set(question, reply.revision);
      isNew ||= this.questions.values(question).join() !== before;
    }
    // What was not shown is asked for again, and nothing is built on it.
    if (isAllShown) this.seen = reply.revision;
    this.#noteRevision();
    const shown = this.form.elements.shown.value.split(" ").filter(Boolean);
    if (reply.shown.join() !== shown.join()) this.#tellThatPageChanged();
    else if (isNew || Object.keys(reply.questions).length === 0) this.#tell(reply.says);
  }

  /** What the page's own buttons build on. */
  #noteRevision() {
    this.form.elements.base_revision.value = this.seen;
  }

  // What the page says ------------------------------------------------------------------------------------------------

  #say(state, words = this.texts[state]) {
    if (state === "saved" && !this.outbox.store && !this.isOpening) words = `${words} · ${this.texts.memory}`;
    if (state === "offline" && !this.outbox.store) words = this.texts.memory;
    this.state.dataset.state = state;
    const place = this.state.querySelector("span");
    if (place.textContent !== words) place.textContent = words;
  }

  /** Nothing waits any more, unless it does; and what needs a look goes before what is saved. */
  #sayHowItStands(state, words) {
    if (!this.outbox.isEmpty) return;
    if (this.questions.hasMarks) this.#say("problem");
    else if (this.elsewhere.querySelector("a")) this.#say("problem", this.elsewhere.firstChild.textContent.trim());
    else this.#say(state, words);
  }

  #tell(words) {
    this.elsewhere.textContent = words;
  }

  #tellThatPageChanged() {
    this.#tellOfPage(this.texts.changed, location.href);
  }

  /** What waited here was given on another page, and lost there. */
  #tellOfAnotherPage({ position }) {
    const page = position === null ? "profile" : `practice/${position}/all`;
    this.#tellOfPage(this.texts.conflict, location.pathname.replace(/(profile|practice\/.*)$/, page));
  }

  #tellOfPage(words, address) {
    if (this.elsewhere.querySelector("a")) return; // Said already.
    const link = document.createElement("a");
    link.href = address;
    link.textContent = this.texts.show_again;
    this.#tell(`${words} `);
    this.elsewhere.append(link);
  }

  #end({ title, message }) {
    this.isOver = true;
    this.outbox.clear();
    this.#say("over", `${title} ${message}`);
  }
}

/** The questions of a save that need a look: another answer stands, or this one cannot be taken. */
function markedBy({ conflicts, problems }) {
  return new Set([...conflicts.map((each) => each.question), ...problems]);
}

for (const form of document.querySelectorAll("form[data-autosave]")) {
  new Autosave(form).start();
}
