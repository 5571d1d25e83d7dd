/** The phone: its forms become commands in the outbox; cards that are not saved yet; dots; words half written. */

import { catchUp, start } from "./live.js";
import * as outbox from "./outbox.js";
import { commandFrom, page, phrases, socket } from "./wire.js";

const box = document.getElementById("text");
const form = document.getElementById("write");
const counter = document.getElementById("count");
const mine = document.getElementById("mine");
const draftKey = `words/${page.code}`;
const said = document.createElement("p");
const onTheWay = new Map(); // votes that are saved, while the page does not show them yet
let stage = document.getElementById("stage").dataset.stage;

said.className = "notice";
said.setAttribute("role", "alert");
said.hidden = true;
document.getElementById("my-budget").before(said);

document.addEventListener("submit", (event) => {
  const sent = event.target;
  if (!sent.dataset.do) return;
  event.preventDefault();
  said.hidden = true;
  const command = commandFrom(sent, event.submitter);
  if (sent === form) return void sendIdea(command);
  if (event.submitter.getAttribute("form") === "vote") command.dots = nextDots(command.target);
  sent.querySelectorAll("textarea").forEach((words) => (words.defaultValue = words.value));
  const change = sent.closest("details.change");
  if (change) change.open = false;
  outbox.add(command);
});

form.addEventListener("input", () => {
  keep();
  count();
});

form.addEventListener("change", () => {
  const chosen = form.querySelector("[name=share]:checked");
  if (chosen) document.getElementById("share-now").textContent = chosen.dataset.word;
});

start({ drawn });
outbox.open(show, saved).then(() => outbox.lasting || tell(phrases.memory));
restore();
count();

function sendIdea(command) {
  if (!command.text.trim()) return box.focus();
  if ([...command.text].length > Number(counter.dataset.most)) return box.focus();
  if (!command.draft) delete command.draft;
  box.value = "";
  box.defaultValue = "";
  form.querySelectorAll("[name=ambitions], [name=draft]").forEach((choice) => (choice.checked = false));
  form.querySelector("[name=kind][value=action]").checked = true;
  form.querySelector(".options").open = false;
  keep();
  count();
  mine.open = true;
  return outbox.add(command);
}

/** After every change: what is open follows the stage, and the dots follow the votes. */
function drawn() {
  const now = document.getElementById("stage").dataset;
  if (now.stage !== stage) {
    stage = now.stage;
    mine.open = now.welcomes.includes("contribute");
    // An empty box that held the focus would go at the next tap, and the tap would miss what moved up.
    if (!mine.open && !box.value) box.blur();
    said.hidden = true;
  }
  markChosen();
  show();
}

/** After an acknowledgement: until the page has caught up with it, what was chosen goes on showing. */
function saved(command, result) {
  if (command.do === "vote") onTheWay.set(command.target, { dots: command.dots, rev: result.rev });
  if (!socket.connected) catchUp();
}

/** Show what is not saved yet: cards of one's own that say so, and dots on their way. */
function show() {
  const list = document.getElementById("my-cards");
  const items = outbox.items();
  const ideas = new Map(items.filter((item) => item.command.do === "contribute").map((item) => [item.command.id, item]));
  for (const card of list.querySelectorAll(".pending")) {
    if (!ideas.has(card.dataset.command)) settled(card);
  }
  for (const [id, item] of ideas) {
    if (!document.getElementById(`my-card-${id}`)) list.append(pendingCard(id, item));
    const card = document.getElementById(`my-card-${id}`);
    if (card.classList.contains("pending")) label(card, item);
  }
  for (const item of items) if (item.state === "refused" && item.command.do !== "contribute") refused(item);
  markChosen();
}

/** A card that has been acknowledged: the server's own drawing of it is about to come, or is fetched. */
function settled(card) {
  if (card.dataset.settled) return;
  card.dataset.settled = "yes";
  setTimeout(() => card.isConnected && catchUp().then(() => card.isConnected && card.remove()), 1500);
}

function pendingCard(id, item) {
  const card = document.createElement("li");
  card.id = `my-card-${id}`;
  card.className = `card mine pending ${item.command.kind}`;
  card.dataset.command = id;
  const words = document.createElement("p");
  words.className = "words";
  words.dir = "auto";
  words.textContent = item.command.text;
  const state = document.createElement("p");
  state.className = "state";
  state.setAttribute("role", "status");
  card.append(words, state);
  return card;
}

function label(card, item) {
  card.classList.toggle("is-sending", item.state === "sending");
  card.classList.toggle("is-waiting", item.state === "waiting");
  card.classList.toggle("is-refused", item.state === "refused");
  const line = card.querySelector(".state");
  const words = { sending: phrases.sending, waiting: phrases.waiting, refused: `${phrases.change} ${item.say}` }[item.state];
  if (line.textContent !== words) line.textContent = words;
  if (item.state === "refused" && !card.querySelector("button")) {
    mine.open = true;
    card.append(button(phrases.again, () => again(item)), button(phrases.remove, () => outbox.drop(item.command.id)));
  }
}

function button(words, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "small";
  made.textContent = words;
  made.addEventListener("click", press);
  return made;
}

/** Put words that need a small change back into the box. */
function again(item) {
  box.value = box.value.trim() ? `${box.value}\n${item.command.text}` : item.command.text;
  outbox.drop(item.command.id);
  keep();
  count();
  box.focus();
}

function refused(item) {
  tell(item.say);
  outbox.drop(item.command.id);
  const change = document.getElementById(`my-card-${item.command.contribution}`)?.querySelector(".change");
  if (change && item.command.do === "reword") change.open = true;
  catchUp();
}

function tell(words) {
  said.textContent = words;
  said.hidden = false;
}

/** The dots set on each target: what the server says, and over it what is on its way. */
function dotsSet() {
  const dots = new Map();
  for (const { dataset } of document.querySelectorAll("#my-votes [data-target]")) dots.set(dataset.target, Number(dataset.dots));
  for (const [target, vote] of onTheWay) {
    if (vote.rev > Number(page.rev)) dots.set(target, vote.dots);
    else onTheWay.delete(target);
  }
  for (const { command } of outbox.items()) if (command.do === "vote") dots.set(command.target, command.dots);
  return dots;
}

/** What a tap means: one dot more while there is one to give, and then none again. */
function nextDots(target) {
  const { budget, most } = document.getElementById("my-budget").dataset;
  const dots = dotsSet();
  const here = dots.get(target) ?? 0;
  const used = [...dots.values()].reduce((sum, each) => sum + each, 0);
  return here && (here >= Number(most) || used >= Number(budget)) ? 0 : here + 1;
}

/** Mark the choices on the board. */
function markChosen() {
  const dots = dotsSet();
  for (const choice of document.querySelectorAll("button[form=vote]")) {
    const here = dots.get(choice.value) ?? 0;
    const card = choice.closest(".card");
    choice.setAttribute("aria-pressed", String(here > 0));
    choice.setAttribute("aria-describedby", card.id);
    card.classList.toggle("chosen", here > 0);
    const words = here > 1 ? phrases.dots.replace("%", here) : here ? phrases.chosen : phrases.choose;
    if (choice.textContent !== words) choice.textContent = words;
  }
}

function count() {
  const length = [...box.value].length;
  const most = Number(counter.dataset.most);
  counter.textContent = length > most * 0.75 ? phrases.count.replace("%", length) : "";
  counter.classList.toggle("over", length > most);
}

/** Half-written words survive a reload, a sleeping phone and a change of stage. */
function keep() {
  try {
    if (box.value) localStorage.setItem(draftKey, box.value);
    else localStorage.removeItem(draftKey);
  } catch {
    // A phone that forbids storage keeps the words in the box while the page is open.
  }
}

function restore() {
  try {
    if (!box.value) box.value = localStorage.getItem(draftKey) ?? "";
  } catch {
    // As above.
  }
}
