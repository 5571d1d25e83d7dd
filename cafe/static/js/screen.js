/** The screen: finds every card a place on the wall where it then stays, and fits the result to the room there is.
 *
 * Places are rules of one style sheet that name cards by id, so a card drawn anew stands where it stood. Without
 * this script the page scrolls and shows everything.
 */

import { start } from "./live.js";

const FRESH = 20000; // ms for which a card is said to be new
const GROWN = 400; // ms after which the bars have grown, and do not grow again

const sheet = new CSSStyleSheet();
const wall = new Map(); // id → the place of a card that is on the wall, oldest first: { column, top, height }
const known = new Map(); // id → { card, since }: every card of the list as last seen
let shape = ""; // what the places were worked out for

document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
document.documentElement.classList.add("fitted");
start({ drawn });
addEventListener("resize", drawn);
document.fonts.ready.then(again);
document.fonts.addEventListener?.("loadingdone", again);

function drawn() {
  hang(document.querySelector(".poster > .cards"));
  fit(document.querySelector(".poster > .result"));
}

function again() {
  shape = "";
  drawn();
}

/** Hang the cards of the list: those on the wall stay, new ones take the place of the fewest and oldest. */
function hang(list) {
  if (!list) return again.later();
  const room = measure(list);
  const cards = [...list.children].map((card) => ({ id: card.id, card, height: Math.min(card.offsetHeight, room.height) }));
  if (shape !== room.shape) {
    shape = room.shape;
    hangAfresh(cards, room);
  } else {
    const here = new Set(cards.map(({ id }) => id));
    for (const id of [...known.keys()]) if (!here.has(id)) forget(id);
    for (const { id, card, height } of cards) keep(id, card, height, room);
  }
  write(list, room);
  tell(list.parentElement.querySelector(".more"), cards.length - wall.size);
}
