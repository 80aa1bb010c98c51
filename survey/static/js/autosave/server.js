// The server as the page sees it: every reply becomes one of a few outcomes that say what to do next.

const TIME_LIMIT = 15_000;
const OVER = new Set(["study_closed", "not_open_yet", "already_submitted", "declined", "withdrawn", "no_consent"]);
const WRONG = new Set([404, 409, 413, 422]);

/** Outcomes: "done" (the reply says what stands), "session", "later", "over" (nothing is taken any more),
    "wrong" (this save can never go through). What nobody has foreseen is tried again later: it keeps the answers. */
export class Server {
  constructor(address, formToken = "") {
    this.address = address;
    this.formToken = formToken;
    this.secret = "";
    this.secondsLeft = Infinity;
    this.canStay = true;
  }

  /** The key to answers that wait on the device; null when the server cannot be asked now. */
  async open() {
    return (await this.look()) === "done" ? this.storageKey : null;
  }

  /** How the session stands: "done", "session" when it is over, or "later". */
  async look() {
    return this.#heard(await this.#ask("session"));
  }

  /** Somebody is there: the session lasts longer. Outcomes as of `look`. */
  async stay() {
    return this.#heard(await this.#ask("stay", {}));
  }

  /** Go on after the session has run out: "done", "later", or "session" when only the personal link can do that. */
  async renew() {
    // Another page of this browser may have gone on, or opened the link, before.
    const outcome = await this.look();
    return outcome === "session" ? this.#heard(await this.#ask("session", { secret: this.secret })) : outcome;
  }

  save(body, { keepalive = false } = {}) {
    return this.#ask("answers", body, keepalive);
  }

  news(since, position, step) {
    const query = new URLSearchParams({ since, step });
    if (position !== null) query.set("position", position);
    return this.#ask(`news?${query}`);
  }

  #heard({ kind, reply }) {
    if (kind !== "done") return kind === "later" ? "later" : "session";
    this.formToken = reply.form_token;
    this.secret = reply.secret;
    this.storageKey = reply.storage_key;
    this.secondsLeft = reply.seconds_left;
    this.canStay = reply.can_stay;
    return "done";
  }

  async #ask(path, body, keepalive = false, isAgain = false) {
    const request = { headers: { Accept: "application/json" }, keepalive, cache: "no-store", redirect: "error" };
    if (body) {
      request.method = "POST";
      request.body = JSON.stringify(body);
      request.headers["Content-Type"] = "application/json";
      request.headers["X-CSRFToken"] = this.formToken;
    }
    if (!keepalive) request.signal = AbortSignal.timeout(TIME_LIMIT);
    let response, reply;
    try {
      response = await fetch(`${this.address}/${path}`, request);
      reply = response.status === 204 ? {} : await response.json();
    } catch {
      return { kind: "later", wait: 0 };
    }
    if (reply.code === "form_token") {
      // A new one comes with the refusal. If that is refused, too, the browser takes no cookies, or a proxy is at work.
      if (isAgain) return { kind: "later", wait: 0 };
      this.formToken = reply.form_token;
      return this.#ask(path, body, keepalive, true);
    }
    return { kind: kindOf(response.status, reply), reply, wait: waitOf(response) };
  }
}

function kindOf(status, reply) {
  if (status < 300 || "revision" in reply) return "done";
  if (status === 401 || reply.code === "not_yours") return "session";
  if (OVER.has(reply.code)) return "over";
  return reply.code === "bad_request" || WRONG.has(status) ? "wrong" : "later";
}

function waitOf(response) {
  return Number.parseInt(response.headers.get("Retry-After") ?? "0", 10) * 1000 || 0;
}
