// Where unsent answers wait: in IndexedDB, encrypted with a key that only the server has, one record per page. Without
// IndexedDB or encryption (private windows, plain http) they wait in memory only, and the page says so.

const DATABASE = "replicability-survey";
const OUTBOX = "outbox";
const KEPT_FOR = 7 * 24 * 60 * 60 * 1000;

export class Store {
  #database;
  #key;
  #name;
  #free;

  /** null when nothing can be kept on this device. key: 32 bytes in base64. */
  static async open(interview, key) {
    try {
      const bytes = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
      const store = new Store();
      store.#key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
      store.#database = await openDatabase();
      store.#name = `${interview}/${crypto.randomUUID()}`;
      store.interview = interview;
      store.#free = await hold(store.#name);
      return store;
    } catch {
      return null;
    }
  }

  async write(saves) {
    if (saves.length === 0) return this.#run("readwrite", (outbox) => outbox.delete(this.#name));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(saves));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.#key, text);
    return this.#run("readwrite", (outbox) => outbox.put({ iv, data, at: Date.now() }, this.#name));
  }

  /** What pages of this interview that are gone have left, oldest first. `forget` is called once it is safe here. */
  async left() {
    const names = await this.#run("readonly", (outbox) => outbox.getAllKeys());
    const found = [];
    for (const name of names) {
      if (name === this.#name || (await isHeld(name))) continue;
      const record = await this.#run("readonly", (outbox) => outbox.get(name));
      const isOld = !record || Date.now() - record.at > KEPT_FOR;
      if (isOld) await this.#run("readwrite", (outbox) => outbox.delete(name));
      else if (name.startsWith(`${this.interview}/`)) found.push({ name, at: record.at, saves: await this.#read(record) });
    }
    found.sort((one, other) => one.at - other.at);
    return {
      saves: found.flatMap((each) => each.saves),
      forget: async () => {
        for (const { name } of found) await this.#run("readwrite", (outbox) => outbox.delete(name));
      },
    };
  }

  async #read({ iv, data }) {
    try {
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.#key, data)));
    } catch {
      return []; // Another key: the installation was restored. Nobody can read it any more.
    }
  }

  #run(mode, act) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(OUTBOX, mode, { durability: "strict" });
      const request = act(transaction.objectStore(OUTBOX));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(OUTBOX);
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
}

// A page holds a lock on its record as long as it lives, so that no other page sends what it is about to send itself.
function hold(name) {
  if (!navigator.locks) return undefined;
  return new Promise((held) => {
    navigator.locks.request(name, () => {
      held(true);
      return new Promise(() => {});
    });
  });
}

async function isHeld(name) {
  if (!navigator.locks) return false;
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => lock === null);
}
