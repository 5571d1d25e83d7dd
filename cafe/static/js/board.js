/** What is ticked on the console's board outlasts every patch; and which look-alikes were said not to be the same. */

import { page } from "./wire.js";

const SHELF = `different-${page.code}`; // ids alone, in this browser
const boxes = () => document.querySelectorAll("#ideas input[type=checkbox][form]");
const name = (box) => `${box.getAttribute("form")} ${box.value}`;
const ticks = new Map(); // of each box that was changed here and not sent yet, how it stands

document.addEventListener("change", ({ target }) => {
  if (!target.matches("#ideas input[type=checkbox][form]")) return;
  if (target.checked === target.defaultChecked) ticks.delete(name(target));
  else ticks.set(name(target), target.checked);
  count();
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[name=different]");
  if (!button) return;
  const next = button.closest("li").nextElementSibling ?? button.closest("li").previousElementSibling;
  try {
    localStorage.setItem(SHELF, JSON.stringify([...different(), button.value]));
  } catch {
    // Without a shelf it is forgotten with the page.
  }
  button.closest("li").hidden = true;
  count();
  (next?.querySelector("button") ?? document.getElementById("group-title")).focus();
});

/** Put the ticks back after a patch; those of what is gone are forgotten. */
export function tickAgain() {
  const here = new Map([...boxes()].map((box) => [name(box), box]));
  for (const [which, ticked] of ticks) {
    if (here.has(which)) here.get(which).checked = ticked;
    else ticks.delete(which);
  }
  const said = different();
  for (const pair of document.querySelectorAll("[data-pair]")) pair.hidden ||= said.includes(pair.dataset.pair);
  count();
}

/** Forget the ticks of a form that was sent. */
export function untick(form) {
  for (const box of boxes()) {
    if (box.getAttribute("form") !== form) continue;
    ticks.delete(name(box));
    box.checked = box.defaultChecked;
  }
  count();
}

/** How many boxes of a form are ticked. */
export const ticked = (form) => [...boxes()].filter((box) => box.getAttribute("form") === form && box.checked).length;

function count() {
  const many = ticked("group");
  document.querySelector("#group .ticked").textContent = many ? `\u00a0(${many})` : "";
  const alike = document.getElementById("alike");
  if (alike) alike.hidden = !alike.querySelector("[data-pair]:not([hidden])");
}

function different() {
  try {
    return JSON.parse(localStorage.getItem(SHELF)) ?? [];
  } catch {
    return [];
  }
}
