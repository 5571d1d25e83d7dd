/** The facilitator's own pages: how far each table is, a text to copy, a page to print. Complete without it. */

const LOOK = 5000; // ms between looks at the tables
const tables = document.getElementById("tables");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) return void print();
  const field = document.getElementById(button.dataset.copies);
  field.focus();
  if (field.select) field.select();
  else getSelection().selectAllChildren(field);
  // The clipboard of scripts exists on https alone: this copies as by hand, or leaves it marked to be.
  const said = button.parentElement.querySelector("[role=status]");
  said.textContent = document.execCommand("copy") ? button.dataset.done : button.dataset.byHand;
});

async function look() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(tables.dataset.progress, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const rows = await answer.json();
  const drawn = [...tables.querySelectorAll("tr[data-code]")];
  if (rows.map((row) => row.code).join() !== drawn.map((row) => row.dataset.code).join()) return void location.reload();
  rows.forEach((row, place) => {
    for (const cell of drawn[place].querySelectorAll("[data-is]")) {
      const now = String(row[cell.dataset.is]);
      if (cell.textContent !== now) cell.textContent = now;
    }
  });
}

if (tables) setInterval(look, LOOK);
