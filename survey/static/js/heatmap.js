// heatmap.js: one tab stop for the whole map. Binds to <table data-heatmap>.
// Arrow keys, Home and End move between cells (with Ctrl: to the first and last row); the full reading of a cell shows
// at the lower edge of the window while it has the focus or the pointer, and Escape hides it until the next move.
// Without this file the first cell can be reached, the pointer still opens readings, and the plain table below the map
// says the same.

const PAGE = 8; // rows for Page Up and Page Down, about what fits on a laptop

for (const table of document.querySelectorAll("[data-heatmap]")) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => [...row.querySelectorAll("[data-cell]")]);
  if (rows.length > 0) bind(table, rows);
}

function bind(table, rows) {
  const places = new Map(rows.flatMap((row, y) => row.map((cell, x) => [cell, { x, y }])));
  let current = rows[0][0];

  function moveTo(cell) {
    current.tabIndex = -1;
    current = cell;
    current.tabIndex = 0;
  }

  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (cell) moveTo(cell);
    delete table.dataset.quiet;
  });

  // A click puts the focus where the pointer is, so that the keys go on from there.
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (cell) cell.focus({ preventScroll: true });
  });

  table.addEventListener("pointermove", () => {
    if (!table.contains(document.activeElement)) delete table.dataset.quiet;
  });

  table.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      table.dataset.quiet = "";
      return;
    }
    const here = places.get(event.target.closest("[data-cell]"));
    if (!here || event.altKey || event.metaKey) return;
    const there = step(event, here, rows);
    if (!there) return;
    event.preventDefault();
    const cell = rows[there.y][there.x];
    cell.focus({ preventScroll: true });
    // The style sheet says how far it has to stay from the head, the first column and the reading line.
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

// Where a key leads, kept inside the map; null for keys that are none of ours.
function step(event, { x, y }, rows) {
  const bottom = rows.length - 1;
  const right = rows[0].length - 1;
  const within = (value, last) => Math.max(0, Math.min(last, value));
  switch (event.key) {
    case "ArrowLeft":
      return { x: within(x - 1, right), y };
    case "ArrowRight":
      return { x: within(x + 1, right), y };
    case "ArrowUp":
      return { x, y: within(y - 1, bottom) };
    case "ArrowDown":
      return { x, y: within(y + 1, bottom) };
    case "PageUp":
      return { x, y: within(y - PAGE, bottom) };
    case "PageDown":
      return { x, y: within(y + PAGE, bottom) };
    case "Home":
      return { x: 0, y: event.ctrlKey ? 0 : y };
    case "End":
      return { x: right, y: event.ctrlKey ? bottom : y };
    default:
      return null;
  }
}
