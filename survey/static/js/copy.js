// Buttons that copy what stands in a field. Without this script, or where copying is not allowed, the field can be
// marked and copied by hand, so the button is not there.

for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const status = document.getElementById(button.dataset.says);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      status.textContent = status.dataset.words;
    } catch {
      // Not allowed: the link is marked, so the keys for copying do it.
      button.hidden = true;
    }
  });
}
