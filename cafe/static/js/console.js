/** The console: its forms become commands, sent at once; a refusal is said on the page. */

import { agreeing } from "./agreeing.js";
import { tickAgain, ticked, untick } from "./board.js";
import { catchUp, start } from "./live.js";
import { boxes as words } from "./rewording.js";
import { commandFrom, page, phrases, send, socket } from "./wire.js";

const boxes = { ...words, ...agreeing };
const said = document.getElementById("said");
const tabs = [...document.querySelectorAll(".tabs a")];
const named = (form) => form.getAttribute("id"); // `form.id` is its hidden field of that name
const box = (form) => Object.values(boxes).find((one) => one.form === form);

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (named(form) === "choosing") {
    event.preventDefault();
    tell(boxes[event.submitter.name].choose(event.submitter.value));
  }
  if (!form.dataset.do) return;
  event.preventDefault();
  if (named(form) === "group" && ticked("group") < 2) return void tell(form.dataset.few);
  const command = commandFrom(form, event.submitter);
  if ("base" in command && !box(form)) command.base = Number(page.rev); // what is grouped is what this page shows now
  event.submitter?.setAttribute("aria-busy", "true");
  await carryOut(form, command);
  event.submitter?.removeAttribute("aria-busy");
});

// A number that was typed for hands or paper is entered as soon as one goes on to the next.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("#hands input[type=number]") || !target.validity.valid) return;
  const row = target.name.slice("dots-".length);
  carryOut(target.form, { ...commandFrom(target.form, { name: "target", value: row }), dots: Number(target.value) });
});

async function carryOut(form, command) {
  tell("");
  try {
    const [result] = (await send([command])).results;
    tell(result.status === "retry" ? phrases.unsent : (result.say ?? ""));
    if (result.code === "stale") await (box(form)?.lookAgain() ?? catchUp());
    else if ("rev" in result) done(form);
    if (!socket.connected) await catchUp();
  } catch (error) {
    // Nothing is kept for later here: by then the room may be somewhere else.
    tell(error.say || phrases.unsent);
  }
}

/** What was sent is out of the way; for the next paper card, the place to write is ready. */
function done(form) {
  box(form)?.leave();
  untick(named(form));
  if (named(form) === "group") form.elements.title.value = "";
  if (named(form) !== "add") return;
  form.elements.text.value = "";
  for (const choice of form.querySelectorAll("[name=ambitions], [name=consent]")) choice.checked = false;
  form.elements.share.value = "local";
  form.elements.text.focus();
  document.getElementById("added").textContent = phrases.saved;
}

document.getElementById("add-text").addEventListener("input", () => (document.getElementById("added").textContent = ""));

function tell(words) {
  said.textContent = words;
  said.hidden = !words;
}

/** Keep the counts right after every patch, in the lists' titles, the head and the tabs alike. */
function count() {
  for (const number of document.querySelectorAll("[data-list]")) {
    const list = document.getElementById(number.dataset.list);
    number.textContent = list.querySelectorAll("li[id^=contribution-]").length;
  }
  for (const number of document.querySelectorAll("[data-themes]")) {
    number.textContent = document.querySelectorAll(".theme:has(.members > li)").length;
  }
  const nobody = document.getElementById("waiting").childElementCount === 0;
  for (const line of document.querySelectorAll(".waits")) line.hidden = nobody;
}

function drawn() {
  count();
  tickAgain();
  for (const one of Object.values(boxes)) {
    if (!one.gone()) continue;
    one.leave();
    tell(one.goodbye ?? phrases.gone);
  }
}

function open(tab) {
  for (const other of tabs) other.setAttribute("aria-current", String(other === tab));
  document.body.dataset.tab = tab.hash.slice(1);
}

for (const tab of tabs) {
  tab.addEventListener("click", (event) => {
    event.preventDefault();
    open(tab);
  });
}
if (tabs.length) open(tabs[0]);

start({ drawn });
