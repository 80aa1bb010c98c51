// The questions of the page: reading their answers, and showing them as the server has them.

import { Remaining } from "./remaining.js";

const CONTROLS = new Set(["csrf_token", "page_secret", "op_id", "base_revision", "shown", "evaluation", "to", "back", "use_mine"]);

export class Questions {
  constructor(form, texts) {
    this.form = form;
    this.texts = texts;
    this.isReplacing = false;
    this.remaining = new Remaining(form, texts);
  }

  /** The question that a control belongs to; null for buttons and what the page carries beside answers. */
  of(control) {
    const { name } = control;
    return this.isReplacing || !name || CONTROLS.has(name) || name.startsWith("mine-") ? null : name;
  }

  values(question) {
    const controls = this.#controls(question);
    if (controls[0]?.type === "textarea") return [asAFormSends(controls[0].value)];
    return controls.filter((control) => control.checked).map((control) => control.value);
  }

  set(question, values) {
    for (const control of this.#controls(question)) {
      if (control.type === "textarea") control.value = values[0] ?? "";
      else control.checked = values.includes(control.value);
    }
  }

  /** Put a question in place as the server printed it; the keyboard stays where it was. */
  replace(question, html) {
    const old = this.#place(question);
    if (!old) return null;
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const [start, end] = focused?.type === "textarea" ? [focused.selectionStart, focused.selectionEnd] : [];
    // A browser reports what was typed into a field when the field goes; that is not an answer to what is shown now.
    this.isReplacing = true;
    old.replaceWith(fresh);
    this.isReplacing = false;
    this.remaining.tellOf(fresh);
    if (focused) {
      const same = [...fresh.querySelectorAll("input, textarea")].find(
        (control) => control.name === focused.name && (control.type === "textarea" || control.value === focused.value),
      );
      (same ?? fresh).focus({ preventScroll: true });
      if (start !== undefined) same?.setSelectionRange(start, end);
    }
    return fresh;
  }

  isHere(question) {
    return this.#place(question) !== null;
  }

  /** Whether something is said about the answer that needs a look. */
  isMarked(question) {
    return Boolean(this.#place(question)?.dataset.state);
  }

  get hasMarks() {
    return this.form.querySelector(":is(.q, .yn)[data-state]") !== null;
  }

  /** The answer stands: what was said about it is settled. */
  settle(question) {
    const place = this.#place(question);
    if (!place?.dataset.state) return;
    delete place.dataset.state;
    for (const each of [place, ...place.querySelectorAll("[aria-invalid]")]) each.removeAttribute("aria-invalid");
    for (const remark of place.querySelectorAll(".q-error, .q-conflict")) remark.remove();
  }

  /** Two answers to one question: the saved one is shown, and either can be chosen. */
  offerBoth(question, keepMine, useTheirs) {
    const remark = this.#place(question)?.querySelector(".q-conflict");
    if (!remark) return;
    for (const plain of remark.querySelectorAll("input, label, p")) plain.remove();
    const choices = document.createElement("p");
    choices.className = "q-choices";
    choices.append(button(this.texts.keep_mine, keepMine), button(this.texts.use_theirs, useTheirs));
    remark.append(choices);
  }

  focus(question) {
    const controls = this.#controls(question);
    (controls.find((control) => control.checked) ?? controls[0])?.focus();
  }

  #controls(question) {
    return [...this.form.elements].filter((control) => control.name === question && control.type !== "hidden");
  }

  #place(question) {
    return document.getElementById(question)?.closest(".q, .yn") ?? null;
  }
}

/** Halves of characters, which scripts can leave in a field, cannot be written down; forms send a sign for them. */
function asAFormSends(text) {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn--small";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}
