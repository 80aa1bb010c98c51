// Pages of an interview without questions. Binds to <div data-session="address of the interview's API">.

import { Server } from "./autosave/server.js";
import { Session } from "./autosave/session.js";

for (const place of document.querySelectorAll("[data-session]")) {
  const session = new Session(new Server(place.dataset.session));
  session.start();
  session.look();
}
// What a browser kept of the page may be old.
addEventListener("pageshow", (event) => event.persisted && location.reload());
