// The server as the page sees it: every reply becomes one of a few outcomes that say what to do next.

const TIME_LIMIT = 15_000;
const OVER = new Set(["study_closed", "not_open_yet", "already_submitted", "declined", "withdrawn", "no_consent"]);
const WRONG = new Set([404, 409, 413, 422]);

/** Outcomes: "done" (the reply says what stands), "session", "later", "over" (nothing is taken any more),
    "wrong" (this save can never go through). What nobody has foreseen is tried again later: it keeps the answers. */
export class Server {
  constructor(address, formToken) {
    this.address = address;
    this.formToken = formToken;
    this.secret = "";
  }

  /** The key to answers that wait on the device; null when the server cannot be asked now. */
  async open() {
    const outcome = await this.#ask("session");
    return outcome.kind === "done" ? this.#keep(outcome.reply) : null;
  }

  /** Go on after the session has run out: "done", "later", or "session" when only the personal link can do that. */
  async renew() {
    // Another page of this browser may have gone on, or opened the link, before.
    let outcome = await this.#ask("session");
    if (outcome.kind === "session") outcome = await this.#ask("session", { secret: this.secret });
    if (outcome.kind === "done") this.#keep(outcome.reply);
    return outcome.kind === "done" || outcome.kind === "later" ? outcome.kind : "session";
  }

  save(body, { keepalive = false } = {}) {
    return this.#ask("answers", body, keepalive);
  }

  news(since, position, step) {
    const query = new URLSearchParams({ since, step });
    if (position !== null) query.set("position", position);
    return this.#ask(`news?${query}`);
  }

  #keep(reply) {
    this.formToken = reply.form_token;
    this.secret = reply.secret;
    return reply.storage_key;
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
