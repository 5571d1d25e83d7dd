/** The console's box for a small step: filled with an idea or a step, outside whatever patches replace; what is
 * half written outlasts the page. */

import { catchUp } from "./live.js";
import { page } from "./wire.js";

const form = document.getElementById("agreeing");
const fields = form.elements;
const fresh = form.querySelector(".fresh");
const SHELF = `small-step-${page.code}`; // in this tab alone
const WORDS = ["what", "first_step", "how_we_know", "lead", "partners", "by_when", "support"];
const FIELDS = [...WORDS, "review_on", "share", "do", "target", "step", "base"];
const ticks = () => [...form.querySelectorAll("[name=ambitions][type=checkbox]")];
let written = false;

form.addEventListener("input", () => {
  written = true;
  keep();
});

form.querySelector(".leave").addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

function keep() {
  const values = Object.fromEntries(FIELDS.map((name) => [name, fields[name].value]));
  try {
    sessionStorage.setItem(SHELF, JSON.stringify({ ...values, ambitions: ticked() }));
  } catch {
    // Without a shelf it is forgotten with the page.
  }
}

function fill(values) {
  for (const name of FIELDS) fields[name].value = values[name] ?? "";
  fields.share.value ||= "local";
  for (const name of ["target", "step", "base"]) fields[name].disabled = !values[name];
  for (const box of ticks()) box.checked = (values.ambitions ?? []).includes(box.value);
  fresh.hidden = true;
  form.hidden = false;
}

const ticked = () => ticks().flatMap((box) => (box.checked ? [box.value] : []));
const card = () => document.getElementById(`step-${fields.step.value}`);

/** Open the box; return what to say when it is still needed for another step. */
function open(values) {
  const same = ["target", "step"].every((name) => fields[name].value === (values[name] ?? ""));
  if (!form.hidden && written && !same) {
    fields.what.focus();
    return form.dataset.finish;
  }
  if (form.hidden || !same) {
    fill(values);
    written = false;
  }
  fields.what.focus();
  return "";
}

function leave() {
  const focused = form.contains(document.activeElement);
  form.hidden = true;
  fill({ do: "agree_step" });
  form.hidden = true;
  written = false;
  sessionStorage.removeItem(SHELF);
  if (focused) document.querySelector("#steps button")?.focus();
}

async function lookAgain() {
  await catchUp();
  if (form.hidden || !card()) return;
  fields.base.value = card().dataset.rev;
  fresh.hidden = false;
  keep();
}

const gone = () => !form.hidden && fields.do.value === "revise_step" && document.getElementById("steps") !== null && !card();
const list = (element) => element?.dataset.ambitions.split(",") ?? [];
const common = { form, leave, lookAgain, gone, goodbye: form.dataset.gone };

/** The ways to open it, by the name of the buttons that do. */
export const agreeing = {
  step: {
    ...common,
    choose(id) {
      const from = document.getElementById(`first-${id}`);
      const words = from?.querySelector(".words").textContent;
      return open({ do: "agree_step", target: from ? id : "", what: words, ambitions: list(from) });
    },
  },
  revise: {
    ...common,
    choose(id) {
      const step = document.getElementById(`step-${id}`);
      const words = WORDS.map((name) => [name, step.querySelector(`[data-field=${name}]`)?.textContent]);
      const { rev: base, share, reviewOn } = step.dataset;
      return open({ do: "revise_step", step: id, base, share, review_on: reviewOn, ambitions: list(step), ...Object.fromEntries(words) });
    },
  },
};

try {
  const kept = JSON.parse(sessionStorage.getItem(SHELF));
  if (kept && form.hidden) {
    fill(kept);
    written = true;
  }
} catch {
  // Nothing was kept.
}
