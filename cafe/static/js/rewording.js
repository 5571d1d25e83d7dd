/** The console's box for new words: it opens for one idea at a time, outside whatever patches replace. */

import { catchUp } from "./live.js";
import { phrases } from "./wire.js";

const form = document.getElementById("rewording");
const { contribution, base, text } = form.elements;
const fresh = form.querySelector(".fresh");

const card = () => document.getElementById(`contribution-${contribution.value}`);
const present = () => card().querySelector(".words").textContent;
const unsaved = () => !form.hidden && text.value !== text.defaultValue;

/** Open the box for an idea; return what to say when it is still needed for another one. */
export function choose(id) {
  if (unsaved() && contribution.value !== id) {
    text.focus();
    return phrases.finish;
  }
  if (form.hidden || contribution.value !== id) {
    contribution.value = id;
    see();
    text.value = text.defaultValue;
    fresh.hidden = true;
  }
  form.hidden = false;
  text.focus();
  return "";
}

/** Close the box; the focus goes back to where it was opened. */
export function leave() {
  const focused = form.contains(document.activeElement);
  form.hidden = true;
  text.value = text.defaultValue = "";
  if (focused) card()?.querySelector("button[name=reword]")?.focus();
}

/** Show the words as they are now beside those that were typed, so that saving again is meant for these. */
export async function lookAgain() {
  await catchUp();
  if (form.hidden) return; // it has gone meanwhile
  see();
  fresh.querySelector("q").textContent = present();
  fresh.hidden = false;
}

/** Say whether the idea in the box has gone for good; then nothing of its words stays here. */
export function gone() {
  return !form.hidden && !card()?.querySelector(".words");
}

/** Take the idea's words and revision, as this page shows them, for those that new words are to replace. */
function see() {
  base.value = card().dataset.rev;
  text.defaultValue = present();
}
