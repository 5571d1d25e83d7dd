/** The poster of the screen: every card gets a place on the wall and stays there; what is long is fitted to the room.
 *
 * The places are rules of one style sheet that name cards by id, so a card that is drawn anew stands where it stood.
 * Without this script the page scrolls and shows everything.
 */

const FRESH = 20000; // ms for which a card is marked as new
const NEWEST = 3; // at most so many are marked at once
const GROWN = 400; // ms after which the bars have grown; they do not grow again
const SIZES = ["largest", "large", "middle", "small"];
const FEWEST = 3; // a result is not cut shorter for the sake of keeping those that are level together
const TURNED = 0.85; // of what is in sight, when a long poster is scrolled by a key

const root = document.documentElement;
const sheet = new CSSStyleSheet();
const wall = new Map(); // id → { column, top, height } in px, in the order the cards were hung
const known = new Map(); // id → when the card came, 0 if it was there before us
let shape = ""; // the room that the places were worked out for
let fading = 0;
let leaf = 0; // how many pages after the first are turned
let what = ""; // the stage and its look, for which that holds

document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

/** Give everything on the poster its place; after the first page, after every change and whenever there is other room. */
export function arrange() {
  const poster = document.querySelector(".poster");
  const now = `${poster.dataset.stage} ${poster.className}`;
  if (now !== what) leaf = 0;
  what = now;
  hang(poster.querySelector(":scope > .cards"));
  fit(poster.querySelector(":scope > .result"));
  enlarge(poster.querySelector(".fit"));
  for (const part of scrolling()) {
    if (part.scrollHeight > part.clientHeight + 1) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}

const scrolling = () => document.querySelectorAll(".poster, .poster .fit");

/** Work everything out anew, since letters have another size or form. */
export function arrangeAnew() {
  shape = "";
  arrange();
}

/** Turn to the next page of what does not fit, or back; where nothing is paged, scroll. */
export function turn(by) {
  leaf = Math.max(0, leaf + by);
  for (const part of scrolling()) part.scrollBy({ top: by * TURNED * part.clientHeight });
  arrange();
}

/** Hang a list's cards: what hangs stays where it is, and what is new takes the place of the oldest; groups go last,
 * which the wall holds longest. */
function hang(list) {
  if (!list) {
    shape = "";
    known.clear();
    return;
  }
  const room = measure(list);
  const [alone, grouped] = [":not(.theme)", ".theme"].map((each) => [...list.querySelectorAll(`:scope > ${each}`)]);
  const cards = [...alone, ...grouped].map(({ id, offsetHeight }) => ({ id, height: Math.min(offsetHeight, room.height) }));
  if (shape !== room.shape) hangAfresh(cards, room);
  else hangMore(cards, room);
  shape = room.shape;
  const rest = pages(cards.filter(({ id }) => !wall.has(id)), room);
  leaf = Math.min(leaf, rest.length);
  pin(list, leaf ? rest[leaf - 1] : wall, room);
  tell(list.parentElement.querySelector(".more"), cards.length - wall.size, rest.length + 1);
}

/** The pages after the first: what the wall has no place for, in the order it came, each card in the highest place. */
function pages(cards, { columns, gap, height: most }) {
  const made = [];
  let feet = null;
  for (const { id, height } of cards) {
    let column = feet ? feet.indexOf(Math.min(...feet)) : 0;
    if (!feet || feet[column] + height > most) {
      feet = Array(columns).fill(0);
      column = 0;
      made.push(new Map());
    }
    made.at(-1).set(id, { column, top: feet[column] });
    feet[column] += height + gap;
  }
  return made;
}

function measure(list) {
  const style = getComputedStyle(list);
  const columns = Number(style.getPropertyValue("--columns"));
  const gap = parseFloat(style.columnGap);
  const [width, height] = [list.clientWidth, list.clientHeight];
  return { columns, gap, height, step: (width + gap) / columns, shape: `${columns} ${width} ${height}` };
}

/** Begin with an empty wall, and with as many of the newest cards as it holds. */
function hangAfresh(cards, room) {
  for (const { id } of cards) known.set(id, known.get(id) ?? 0);
  for (let first = 0; first <= cards.length; first += 1) {
    wall.clear();
    if (cards.slice(first).every((card) => place(card, room).length === 0)) return;
  }
}

function hangMore(cards, room) {
  const here = new Set(cards.map((card) => card.id));
  for (const id of [...known.keys()].filter((each) => !here.has(each))) {
    known.delete(id);
    wall.delete(id);
  }
  for (const card of cards) {
    const spot = wall.get(card.id);
    if (!known.has(card.id)) {
      known.set(card.id, Date.now());
      place(card, room);
    } else if (spot && Math.abs(spot.height - card.height) > 1) {
      wall.delete(card.id);
      const grown = { ...spot, height: card.height };
      const fits = grown.top + grown.height <= room.height && inTheWay(grown, room).length === 0;
      if (fits) wall.set(card.id, grown);
      else place(card, room);
    }
  }
}

/** Give a card the highest free place, or else the one where only the oldest must go; return who went. */
function place({ id, height }, room) {
  const age = new Map([...wall.keys()].map((each, order) => [each, order]));
  let best = null;
  for (let column = 0; column < room.columns; column += 1) {
    for (const top of tops(column, height, room)) {
      const going = inTheWay({ column, top, height }, room);
      const worth = [Math.max(-1, ...going.map((each) => age.get(each))), going.length, top];
      if (best === null || less(worth, best.worth)) best = { worth, going, spot: { column, top, height } };
    }
  }
  for (const each of best.going) wall.delete(each);
  wall.set(id, best.spot);
  return best.going;
}

function tops(column, height, room) {
  const found = [0];
  for (const spot of wall.values()) {
    const below = spot.top + spot.height;
    if (spot.column === column) found.push(spot.top, below + room.gap, below - height);
  }
  return found.filter((top) => top >= 0 && top + height <= room.height);
}

function inTheWay({ column, top, height }, { gap }) {
  const near = (spot) => spot.column === column && spot.top < top + height + gap && top < spot.top + spot.height + gap;
  return [...wall].filter(([, spot]) => near(spot)).map(([id]) => id);
}

function less(one, other) {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at >= 0 && one[at] < other[at];
}

/** Write the places down, and mark the newest. */
function pin(list, hung, room) {
  const now = Date.now();
  const fresh = leaf ? [] : [...known].slice(-NEWEST).filter(([, since]) => now - since < FRESH);
  const places = [...hung].map(
    ([id, { column, top }]) => `#${id}{visibility:visible;translate:${(column * room.step).toFixed(1)}px ${top}px}`,
  );
  const word = JSON.stringify(` · ${list.dataset.new}`);
  const marks = fresh.map(([id]) => `#${id}{box-shadow:var(--halo);animation:var(--arriving)}#${id} .kind::after{content:${word}}`);
  sheet.replaceSync([...places, ...marks].join("\n"));
  clearTimeout(fading);
  if (fresh.length) fading = setTimeout(arrange, FRESH - now + fresh[0][1] + 50);
}

/** Make a result smaller until it fits, and count what even then does not; those that are level stay together. */
function fit(result) {
  if (!result) return root.classList.remove("grown");
  const rows = [...result.querySelectorAll("tbody tr")];
  const more = result.querySelector(".more");
  const fits = (from, count, size) => {
    result.dataset.size = size;
    rows.forEach((row, place) => (row.hidden = place < from || place >= from + count));
    tell(more, rows.length - count, Math.ceil(rows.length / count));
    return result.scrollHeight <= result.clientHeight + 1;
  };
  setTimeout(() => root.classList.toggle("grown", Boolean(document.querySelector(".poster > .result"))), GROWN);
  if (SIZES.some((size) => fits(0, rows.length, size))) return void (leaf = 0);
  let [least, most] = [1, rows.length - 1];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(0, middle, "small")) least = middle;
    else most = middle - 1;
  }
  const level = rows.findIndex((row) => row.dataset.rank === rows[least].dataset.rank);
  const shown = level < least && level >= FEWEST ? level : least;
  leaf = Math.min(leaf, Math.ceil(rows.length / shown) - 1);
  return SIZES.some((size) => fits(leaf * shown, shown, size));
}

/** Make words as large as they can be without being cut; what is too long even then can be scrolled. */
function enlarge(words) {
  if (!words) return;
  SIZES.some((size) => {
    words.dataset.size = size;
    return words.scrollHeight <= words.clientHeight + 1 && words.scrollWidth <= words.clientWidth + 1;
  });
}

/** Say how much is not in sight; once a page has been turned, which page it is. */
function tell(more, count, all) {
  if (!more) return;
  more.hidden = count === 0;
  const rest = count === 1 ? more.dataset.one : more.dataset.many.replace("%", count);
  const words = leaf ? more.dataset.pages.replace("%", `${leaf + 1} / ${all}`) : rest;
  if (more.textContent !== words) more.textContent = words;
}
