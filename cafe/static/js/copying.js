// Copies the text of a field. The clipboard of scripts exists only on https, so the field is selected and copied as by
// hand; where even that is not allowed, it stays selected and the page says which keys to press.

const said = document.getElementById("copied");

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.copy);
    field.focus();
    field.select();
    said.textContent = document.execCommand("copy") ? said.dataset.done : said.dataset.selected;
  });
}
