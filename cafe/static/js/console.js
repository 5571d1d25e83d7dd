/** The console: its forms become commands, sent at once; a refusal is said on the page. */

import { catchUp, start } from "./live.js";
import { commandFrom, phrases, send, socket } from "./wire.js";

const said = document.getElementById("said");
const tabs = [...document.querySelectorAll(".tabs a")];

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.do) return;
  event.preventDefault();
  const command = commandFrom(form, event.submitter);
  said.hidden = true;
  event.submitter?.setAttribute("aria-busy", "true");
  try {
    const [result] = (await send([command])).results;
    if (result.say) tell(result.say);
    if (!socket.connected) await catchUp();
  } catch (error) {
    // Nothing is kept for later here: by then the room may be somewhere else.
    tell(error.say || phrases.unsent);
  }
  event.submitter?.removeAttribute("aria-busy");
});

function tell(words) {
  said.textContent = words;
  said.hidden = false;
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

start();
