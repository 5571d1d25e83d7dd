/** The console: its forms become commands, sent at once; a refusal is said on the page. */

import { catchUp, start } from "./live.js";
import { choose, gone, leave, lookAgain } from "./rewording.js";
import { commandFrom, phrases, send, socket } from "./wire.js";

const said = document.getElementById("said");
const tabs = [...document.querySelectorAll(".tabs a")];

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id === "choosing") {
    event.preventDefault();
    tell(choose(event.submitter.value));
  }
  if (!form.dataset.do) return;
  event.preventDefault();
  const command = commandFrom(form, event.submitter);
  tell("");
  event.submitter?.setAttribute("aria-busy", "true");
  try {
    const [result] = (await send([command])).results;
    tell(result.status === "retry" ? phrases.unsent : (result.say ?? ""));
    if (command.do === "reword" && result.code === "stale") await lookAgain();
    else if (command.do === "reword" && "rev" in result) leave();
    if (!socket.connected) await catchUp();
  } catch (error) {
    // Nothing is kept for later here: by then the room may be somewhere else.
    tell(error.say || phrases.unsent);
  }
  event.submitter?.removeAttribute("aria-busy");
});

document.querySelector("#rewording .leave").addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

function tell(words) {
  said.textContent = words;
  said.hidden = !words;
}

/** Keep the counts right after every patch, in the lists' titles, the head and the tabs alike. */
function count() {
  for (const number of document.querySelectorAll("[data-list]")) {
    number.textContent = document.getElementById(number.dataset.list).childElementCount;
  }
  const nobody = document.getElementById("waiting").childElementCount === 0;
  for (const line of document.querySelectorAll(".waits")) line.hidden = nobody;
}

function drawn() {
  count();
  if (!gone()) return;
  leave();
  tell(phrases.gone);
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
