/** The phone: its forms become commands in the outbox; words half written; its seat, when that is lost or handed on. */

import { catchUp, start, startAnew } from "./live.js";
import * as mine from "./mine.js";
import * as outbox from "./outbox.js";
import * as shelf from "./shelf.js";
import { commandFrom, page, pageNow, phrases, socket, takeSeat } from "./wire.js";

const PAUSE = 300; // ms without a key: a pause in typing
const PATIENCE = 5000; // ms for what is unsent to go, before this phone changes hands
const A_DAY = 24 * 60 * 60 * 1000;
const CHOICES = ["kind", "ambitions", "share"];

const box = document.getElementById("text");
const form = document.getElementById("write");
const counter = document.getElementById("count");
const ideas = document.getElementById("mine");
const said = notice();
const cannotKeep = notice();
const half = { box: null, rewords: {}, answers: null }; // half written: the box with its choices, own ideas, answers

let stage = document.getElementById("stage").dataset.stage;
let pause = null;
let closed = false; // the café: nothing is kept any more
let parted = false; // from this seat

addEventListener("pageshow", (shown) => shown.persisted && goBackTo());
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") await goBackTo();

document.addEventListener("submit", (event) => {
  const sent = event.target;
  if ("parting" in sent.dataset) return void part(event);
  if (!sent.dataset.do) return;
  event.preventDefault();
  said.hidden = true;
  const command = commandFrom(sent, event.submitter);
  if (mine.asksFirst(sent, command, event.submitter)) return;
  if (sent === form) return void sendIdea(command);
  if (event.submitter.getAttribute("form") === "vote") command.dots = mine.nextDots(command.target);
  if (event.submitter.matches(".toggle")) command.ready = !mine.says(command.do);
  if (command.do === "reflect") return void sendAnswers(sent, command);
  sent.querySelectorAll("textarea").forEach((words) => (words.value = words.defaultValue)); // a card beside it has them
  const change = sent.closest("details.change");
  if (change) change.open = false;
  if (command.do === "reword") forgetReword(command.contribution);
  outbox.add(command);
});

document.addEventListener("input", (event) => {
  const words = event.target;
  if (form.contains(words)) noteBox();
  else if (words.matches("[data-do=reword] textarea")) noteReword(words);
  else if (words.closest("[data-do=reflect]")) half.answers = answersIn(words.form);
  count();
  clearTimeout(pause);
  pause = setTimeout(keep, PAUSE);
});
document.addEventListener("visibilitychange", keep);
addEventListener("pagehide", keep);

form.addEventListener("change", nameChoices);

restore();
mine.start(again);
outbox.open({ changed: show, saved, refused, forgotten: forgetReword, lost: catchUp, news });
start({ drawn, gone: outbox.forget, lost: newSeat });
count();

function sendIdea(command) {
  if (!command.text.trim()) return box.focus();
  if ([...command.text].length > Number(counter.dataset.most)) return box.focus();
  if (!command.draft) delete command.draft;
  box.value = "";
  box.defaultValue = "";
  if (!command.rests_on) delete command.rests_on;
  form.querySelectorAll("[name=ambitions]").forEach((choice) => (choice.checked = false));
  form.querySelector("[name=kind][value=action]").checked = true;
  form.elements.rests_on.value = "";
  nameChoices();
  form.querySelector(".options").open = false;
  noteBox();
  count();
  ideas.open = true;
  // The words leave the box for good once the outbox has them.
  return outbox.add(command).then(keep);
}

/** The words stay in their boxes; as they are what is saved now, the page may draw them anew. */
function sendAnswers(sent, command) {
  half.answers = answersIn(sent);
  sent.querySelectorAll("textarea").forEach((words) => (words.defaultValue = words.value));
  return outbox.add(command).then(keep);
}

/** After every change: what is open follows the stage, and the dots follow the votes. */
function drawn() {
  const now = document.getElementById("stage").dataset;
  if (now.stage !== stage) {
    stage = now.stage;
    ideas.open = now.welcomes.includes("contribute") || now.stage === "close";
    // An empty box that held the focus would go at the next tap, and the tap would miss what moved up.
    if (!ideas.open && !box.value) box.blur();
    said.hidden = true;
  }
  if (now.cafe === "closed") close();
  nameTargets();
  outbox.offer(page.epoch);
  restoreRewords();
  restoreAnswers();
  show();
}

/** A table's host may add dots for others to what can be chosen. */
function nameTargets() {
  const list = document.getElementById("for-target");
  const names = new Map();
  for (const card of document.querySelectorAll("#ballot > .card")) {
    names.set(card.id.replace(/^\w+?-/, ""), card.querySelector(".words").textContent);
  }
  if (!list || [...list.options].map((each) => each.value + each.text).join() === [...names].map((each) => each.join("")).join()) return;
  const chosen = list.value;
  list.replaceChildren(...[...names].map(([id, words]) => new Option(words, id)));
  if (names.has(chosen)) list.value = chosen;
}

function show() {
  mine.show();
  if (!shelf.lasting) warn();
}

function saved(command, result) {
  mine.saved(command, result);
  if (command.do === "reflect") forgetAnswers(command);
  if (!socket.connected) catchUp();
}

/** A no to what carries no words; what was only offered again goes quietly. */
function refused(item) {
  if (item.state !== "kept") tell(item.say);
  catchUp();
}

/** Put words that were not taken back where they were written. */
function again({ command }) {
  const words = document.querySelector(`#my-card-${command.contribution} [data-do=reword] textarea`) ?? box;
  words.value = words === box && box.value.trim() ? `${box.value}\n${command.text}` : command.text;
  words.closest("details.change")?.setAttribute("open", "");
  outbox.drop(command.id);
  words.dispatchEvent(new Event("input", { bubbles: true }));
  words.focus();
}

function notice() {
  const made = document.createElement("p");
  made.className = "notice";
  made.hidden = true;
  document.getElementById("stage").after(made);
  return made;
}

/** Say something about what was tapped, beside the dots; or, announced, about the page, under what to do now. */
function tell(words) {
  document.getElementById("my-budget").before(said);
  say(said, words, "alert");
}

function announce(words, role = "status") {
  document.getElementById("stage").after(said);
  say(said, words, role);
}

function warn() {
  if (cannotKeep.hidden && !closed) say(cannotKeep, phrases.memory, "status");
}

function say(line, words, role) {
  if (!line.hidden && line.textContent === words) return;
  line.setAttribute("role", role);
  line.textContent = words;
  line.hidden = false;
}

function count() {
  const length = [...box.value].length;
  const most = Number(counter.dataset.most);
  counter.textContent = length > most * 0.75 ? phrases.count.replace("%", length) : "";
  counter.classList.toggle("over", length > most);
}

function nameChoices() {
  for (const name of ["kind", "share"]) {
    const chosen = form.querySelector(`[name=${name}]:checked`);
    if (chosen) document.getElementById(`${name}-now`).textContent = chosen.dataset.word;
  }
}

// Words half written survive a reload, a sleeping phone, the way back and a change of stage

function noteBox() {
  const choices = [...new FormData(form)].filter(([name]) => CHOICES.includes(name));
  half.box = box.value ? { text: box.value, choices, rests_on: form.elements.rests_on.value } : null;
}

function noteReword(words) {
  const { value } = words.form.elements.contribution;
  if (words.value === words.defaultValue) delete half.rewords[value];
  else half.rewords[value] = words.value;
}

function forgetReword(contribution) {
  if (!(contribution in half.rewords)) return;
  delete half.rewords[contribution];
  keep();
}

function keep() {
  clearTimeout(pause);
  if (closed || parted) return;
  const some = half.box || half.answers || Object.keys(half.rewords).length;
  if (!shelf.keepWords(some ? { ...half, seat: page.seat, at: Date.now() } : null) && some) warn();
}

function restore() {
  const kept = shelf.keptWords();
  if (!kept) return;
  if (kept.seat !== page.seat) {
    if (Math.abs(Date.now() - kept.at) > A_DAY) shelf.keepWords(null);
    return;
  }
  Object.assign(half.rewords, kept.rewords);
  half.answers = kept.answers ?? null;
  if (kept.box && (!box.value || box.value === kept.box.text)) {
    box.value = kept.box.text;
    for (const choice of CHOICES.flatMap((name) => [...form.querySelectorAll(`[name=${name}]`)])) {
      choice.checked = kept.box.choices.some(([name, value]) => name === choice.name && value === choice.value);
    }
    form.elements.rests_on.value = kept.box.rests_on ?? "";
    nameChoices();
  }
  noteBox();
}

/** One's own cards are drawn anew now and then: what was being changed in them comes back. */
function restoreRewords() {
  for (const [contribution, text] of Object.entries(half.rewords)) {
    const words = document.querySelector(`#my-card-${contribution} [data-do=reword] textarea`);
    if (!words || words.value !== words.defaultValue || words.value === text) continue;
    words.value = text;
    words.closest("details.change").open = true;
  }
}

function answersIn(questions) {
  return [...new FormData(questions)].filter(([name]) => name.startsWith("answers."));
}

/** The closing questions may have been drawn anew: what was being answered comes back. */
function restoreAnswers() {
  const questions = document.querySelector("#my-answers form");
  if (!half.answers || String(answersIn(questions)) === String(half.answers)) return;
  for (const [name, value] of half.answers) questions.elements[name].value = value;
}

/** What was answered is saved, unless more was written since. */
function forgetAnswers({ answers }) {
  const now = Object.fromEntries((half.answers ?? []).map(([name, value]) => [name.split(".")[1], value]));
  if (Object.entries(now).some(([name, value]) => value !== String(answers[name] ?? ""))) return;
  half.answers = null;
  keep();
}

// The seat

/** The server does not know this seat: take another, and move there with everything that is kept here. */
async function newSeat() {
  let given;
  try {
    given = await takeSeat();
  } catch (error) {
    if (error.status !== 404) throw error;
    announce(phrases.nothing, "alert");
    return close();
  }
  if (given.say) {
    announce(given.say, "alert");
    return outbox.stuck(given.say);
  }
  socket.disconnect(); // it knows the old seat
  await outbox.moveTo(given.seat, given.epoch === page.epoch);
  page.seat = given.seat;
  page.csrf = given.csrf;
  document.querySelectorAll("input[name=csrf]").forEach((field) => (field.value = given.csrf));
  shelf.tell({ seat: given.seat });
  await startAnew();
  socket.connect();
  keep();
  announce(phrases.newseat);
  outbox.sendNow();
}

/** Another tab of this phone has another seat, which is this one's too, or gave the seat up. */
function news({ seat, parted }) {
  if (parted) {
    goneFrom();
    location.replace(`/j/${page.code}`);
  } else if (seat !== page.seat) newSeat();
}

/** A page that is gone back to may be that of a seat given up since: then it is nobody's to see. */
async function goBackTo() {
  const now = parted ? {} : await pageNow().catch(() => page);
  if (now.seat === page.seat) return;
  goneFrom();
  location.reload();
}

/** Have nothing of this seat on the page, and send nothing in its name. */
function goneFrom() {
  parted = true;
  form.reset();
  box.value = "";
  document.getElementById("my-cards").replaceChildren();
  return outbox.leave();
}

/** This phone changes hands, or the seat is given up: first goes what is unsent, then what is kept is forgotten. */
async function part(event) {
  event.preventDefault();
  const parting = event.target;
  const waits = "sure" in parting.dataset ? 0 : await outbox.sendAll(PATIENCE);
  if (waits) {
    parting.dataset.sure = "";
    return tell(phrases.parting.replace("%", waits));
  }
  await goneFrom();
  shelf.tell({ seat: page.seat, parted: true });
  return parting.submit();
}

/** The café has closed: this phone forgets what it kept. */
function close() {
  if (closed) return;
  closed = true;
  outbox.close();
}
