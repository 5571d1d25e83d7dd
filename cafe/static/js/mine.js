/** How what is not saved yet looks: cards of one's own that say so, dots and "I'm done" that are on their way; the ballot
 * in this seat's own order; and words that may say who someone is, before they are sent. */

import * as outbox from "./outbox.js";
import { page, phrases } from "./wire.js";

const NEEDS_A_CHANGE = new Set(["empty", "too_long", "bad_field"]);
// The lines of sessions/guard/rules.toml, put here as this file is sent (cafe/files.py)
const RULES = "@guard@";
const MAY_TELL = new Set(["contribute", "publish", "reflect", "reword"]);
const PLACES = { vote: "my-budget", reflect: "my-answers", ready: "my-part", pass: "my-part" };
const list = document.getElementById("my-cards");
const guard = document.getElementById("guard");
const onTheWay = new Map(); // votes, "I'm done" and "I pass" that are saved, while the page does not show them yet
const SAID = ["ready", "pass"];

/** What "Try again" does with an item; the form is the phone's. */
let onAgain = () => {};
let rules = null; // what may say who someone is, read when it is first needed
let asked = {}; // the form and button that sent the words asked about, and those words
let meant = null; // words that are to be sent as they are

guard.querySelector("[value=change]").addEventListener("click", change);
guard.querySelector("[value=anyway]").addEventListener("click", sendAnyway);

export function start(again) {
  onAgain = again;
}

/** Show everything that is not saved, and the dots as they will be. */
export function show() {
  const items = outbox.items();
  const waiting = items.filter((item) => item.state === "waiting" || item.state === "stuck").length;
  const written = new Map(items.filter(({ command }) => "text" in command).map((item) => [item.command.id, item]));
  for (const card of list.querySelectorAll(".pending")) {
    if (!written.has(card.dataset.command) && !(card.dataset.saved > shownUpTo(card))) card.remove();
  }
  for (const item of written.values()) label(pendingCard(item), item, waiting);
  showChanges(items.filter(({ command }) => !("text" in command)), waiting);
  markChosen();
  markSaid();
  shuffle(document.getElementById("ballot"));
}

/** After an acknowledgement: until the page has caught up with it, what was chosen or written goes on showing. */
export function saved(command, { rev, status }) {
  const shown = { rev, epoch: page.epoch };
  if (command.do === "vote" && status !== "held") onTheWay.set(command.target, { dots: command.dots, ...shown });
  if (SAID.includes(command.do)) onTheWay.set(command.do, { said: command.ready, turn: command.turn, ...shown });
  const card = document.getElementById(pendingId(command));
  if (!card?.classList.contains("pending")) return;
  card.dataset.saved = rev;
  state(card, status === "held" ? phrases.held : phrases.saved);
  look(card, status === "held" ? "waiting" : "saved");
}

/** What a tap on an idea means: one dot more while there is one to give, and then none again. */
export function nextDots(target) {
  const { budget, most } = document.getElementById("my-budget").dataset;
  const dots = dotsSet();
  const here = dots.get(target) ?? 0;
  const used = [...dots.values()].reduce((sum, each) => sum + each, 0);
  return here && (here >= Number(most) || used >= Number(budget)) ? 0 : here + 1;
}

/** The revision up to which the page shows what a card says: its own, or that of the card it changes, which may be ahead. */
const shownUpTo = ({ dataset }) =>
  Math.max(page.rev, document.getElementById(`my-card-${dataset.contribution}`)?.dataset.rev ?? 0);

const pendingId = (command) => (command.do === "contribute" ? `my-card-${command.id}` : `pending-${command.id}`);

function pendingCard({ command }) {
  const there = document.getElementById(pendingId(command));
  if (there) return there;
  const changed = document.getElementById(`my-card-${command.contribution}`);
  const card = document.createElement("li");
  card.id = pendingId(command);
  card.className = `card mine pending ${command.kind ?? [...(changed?.classList ?? [])][2] ?? ""}`;
  card.dataset.command = command.id;
  if (changed) card.dataset.contribution = command.contribution;
  const words = document.createElement("p");
  words.className = "words";
  words.dir = "auto";
  words.textContent = command.text;
  card.append(words);
  if (changed) changed.after(card);
  else list.append(card);
  return card;
}

function label(card, item, waiting) {
  if (!card.classList.contains("pending")) return; // the server's own drawing is there already
  look(card, item.state);
  state(card, sentence(item, waiting));
  const offers = { refused: ["again", "remove", "copy"], stuck: ["copy"] }[item.state] ?? [];
  const wanted = item.code === "session_closed" ? offers.filter((offer) => offer !== "again") : offers;
  if (card.dataset.offers === wanted.join()) return;
  card.dataset.offers = wanted.join();
  card.querySelector(".tools")?.remove();
  if (wanted.length) card.append(tools(item, wanted));
  if (item.state === "refused") document.getElementById("mine").open = true;
}

function sentence(item, waiting) {
  if (item.state === "waiting") return phrases[item.why ?? "waiting"].replace("%", waiting);
  if (item.state === "stuck") return `${phrases.notyet} ${item.say}`;
  if (item.state !== "refused") return phrases.sending;
  if (item.code === "session_closed") return phrases.closed;
  if (NEEDS_A_CHANGE.has(item.code)) return `${phrases.change} ${item.say}`;
  return `${item.code === "wrong_stage" ? phrases.notyet : phrases.notsent} ${item.say}`;
}

function look(card, now) {
  for (const each of ["sending", "waiting", "stuck", "refused", "saved"]) card.classList.toggle(`is-${each}`, each === now);
}

function state(holder, words) {
  let line = holder.querySelector(":scope > .state");
  if (!line) {
    line = document.createElement("p");
    line.className = "state";
    line.setAttribute("role", "status");
    holder.append(line);
  }
  if (line.textContent !== words) line.textContent = words;
}

function tools(item, wanted) {
  const row = document.createElement("p");
  row.className = "tools";
  const presses = {
    again: () => onAgain(item),
    remove: () => outbox.drop(item.command.id),
    copy: (event) => copy(item.command.text, event.currentTarget),
  };
  for (const offer of wanted) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = phrases[offer];
    button.addEventListener("click", presses[offer]);
    row.append(button);
  }
  return row;
}

/** Copy words; over plain http there is no clipboard to write to, so they are marked in a box, for the phone's own menu. */
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = phrases.copied;
  } catch {
    const box = document.createElement("textarea");
    box.readOnly = true;
    box.value = text;
    box.setAttribute("aria-label", phrases.marked);
    button.before(box);
    box.select();
    const copied = document.execCommand("copy");
    button.textContent = copied ? phrases.copied : phrases.marked;
    if (!copied) return;
    box.remove();
    button.focus();
  }
}

/** Changes without words say on the card they change, or beside the dots, that they wait. */
function showChanges(items, waiting) {
  const late = items.filter((item) => item.state === "waiting" || item.state === "stuck");
  const holders = new Set(
    late.map(({ command }) => document.getElementById(PLACES[command.do] ?? `my-card-${command.contribution}`)),
  );
  holders.delete(null);
  for (const line of document.querySelectorAll(".card.mine:not(.pending) > .state, [id^=my-]:is(div, section) > .state")) {
    if (!holders.has(line.parentElement)) line.remove();
  }
  for (const holder of holders) state(holder, phrases[late.at(-1).why ?? "waiting"].replace("%", waiting));
}

/** The dots set on each target: what the server says, and over it what is on its way. */
function dotsSet() {
  const dots = new Map();
  for (const { dataset } of document.querySelectorAll("#my-votes [data-target]")) dots.set(dataset.target, Number(dataset.dots));
  for (const [target, vote] of onTheWay) {
    if (vote.epoch === page.epoch && vote.rev > Number(page.rev)) dots.set(target, vote.dots);
    else onTheWay.delete(target);
  }
  for (const { command } of outbox.items()) if (command.do === "vote") dots.set(command.target, command.dots);
  return dots;
}

/** Whether this seat says "I'm done" or "I pass" in the present turn: the last word on its way, or what the server has. */
export function says(what) {
  const button = document.querySelector(`#my-part [data-do=${what}] button`);
  const coming = onTheWay.get(what);
  if (coming && !(coming.epoch === page.epoch && coming.rev > Number(page.rev))) onTheWay.delete(what);
  const { command } = outbox.items().findLast((item) => item.command.do === what) ?? {};
  if (command) return command.ready && command.turn === Number(page.turn);
  if (onTheWay.has(what)) return coming.said && coming.turn === Number(page.turn);
  return Boolean(button?.dataset.turn) && button.dataset.turn === page.turn;
}

function markSaid() {
  for (const what of SAID) {
    document.querySelector(`#my-part [data-do=${what}] button`)?.setAttribute("aria-pressed", String(says(what)));
  }
}

/** Put the ballot in this seat's own order (`shuffling.py` finds the same): what stands first is chosen more often.
 * Only what stands elsewhere is moved, and never what has the focus. */
function shuffle(ballot) {
  if (!ballot) return;
  const cards = [...ballot.children];
  const places = new Map(cards.map((card) => [card, place(card.id.replace(/^(contribution|theme)-/, ""))]));
  const order = [...cards].sort((one, other) => places.get(one) - places.get(other));
  if (order.every((card, at) => card === cards[at])) return;
  const still = order.find((card) => card.contains(document.activeElement));
  const before = still ? order.slice(0, order.indexOf(still)) : order;
  for (const card of before) ballot.insertBefore(card, still ?? null);
  for (const card of order.slice(before.length + 1)) ballot.append(card);
}

function place(target) {
  let number = 2166136261;
  for (const char of page.seat + target) number = Math.imul(number ^ char.charCodeAt(0), 16777619);
  return number >>> 0;
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

// Words that may say who someone is (`sessions/privacy.py` finds the same, by the same patterns)

/** Ask before words are sent that may say who someone is; returns whether it is asked, so that nothing is sent yet. */
export function asksFirst(form, command, button) {
  guard.hidden = true;
  const card = form.closest(".card");
  const toOneself = command.draft || (command.do === "reword" && card?.querySelector("[data-do=publish]"));
  if (!MAY_TELL.has(command.do) || toOneself) return false;
  const boxes = [...form.querySelectorAll("textarea")];
  const words = boxes.length ? boxes.map((box) => box.value).join("\n") : card.querySelector(".words").textContent;
  const kinds = new Set(words === meant ? [] : findings(words).map(({ kind }) => kind));
  if (!kinds.size) return false;
  for (const line of guard.querySelectorAll("[data-kind]")) line.hidden = !kinds.has(line.dataset.kind);
  asked = { form, button, words };
  (boxes.at(-1) ?? form).after(guard);
  guard.hidden = false;
  guard.querySelector("[value=change]").focus({ preventScroll: true });
  guard.scrollIntoView({ block: "nearest" });
  return true;
}

/** What in a text may say who someone is: the kind, and the words themselves. */
export function findings(text) {
  rules ??= read(RULES);
  return rules.flatMap(({ kind, digits, pattern }) =>
    [...text.normalize().matchAll(pattern)]
      .filter(([found]) => !digits || isNhsNumber(found))
      .map(([found]) => ({ kind, found })),
  );
}

function read(lines) {
  const pieces = new Map();
  const read = [];
  for (const line of lines.split("\n")) {
    const [kind, how] = line.split(" ", 2);
    const source = line.slice(kind.length + how.length + 2).replace(/~\w+~/g, (name) => pieces.get(name));
    if (kind.startsWith("~")) pieces.set(kind, source);
    else read.push({ kind, digits: how === "n", pattern: new RegExp(source, how === "i" ? "giu" : "gu") });
  }
  return read;
}

/** Whether ten digits end in the check digit of an NHS number (modulus 11). */
function isNhsNumber(text) {
  const digits = [...text.replace(/\D/g, "")].map(Number);
  const sum = digits.slice(0, 9).reduce((total, digit, place) => total + digit * (10 - place), 0);
  return digits.length === 10 && digits[9] === (11 - (sum % 11)) % 11 && new Set(digits).size > 1;
}

/** Go back to the words, with what was found in them marked. */
function change() {
  const card = asked.form.closest(".card");
  card?.querySelector("details.change")?.setAttribute("open", "");
  for (const box of (card ?? asked.form).querySelectorAll("textarea")) {
    const [first] = findings(box.value);
    if (!first) continue;
    const start = box.value.indexOf(first.found);
    box.focus();
    box.setSelectionRange(start, start + first.found.length);
    return;
  }
}

function sendAnyway() {
  guard.hidden = true;
  meant = asked.words;
  asked.button.focus();
  asked.button.click();
}
