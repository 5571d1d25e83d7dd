"""What a phone keeps in its browser, and what can be done to it and to the server's memory from outside."""

import shutil
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from tests.browser.serving import Server

FORBID_DATABASE = """
Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("forbidden", "SecurityError"); } });
"""
FORBID_STORAGE = (
    FORBID_DATABASE
    + """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("forbidden", "SecurityError"); } });
"""
)
EVERYTHING = """
async () => {
  const found = [...Object.values(localStorage), ...Object.values(sessionStorage)];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
    });
    for (const store of database.objectStoreNames) {
      const rows = await new Promise((done) => {
        const asked = database.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      });
      found.push(...rows.map((row) => JSON.stringify(row)));
    }
    database.close();
  }
  return found;
}
"""
UNTIL = f"""
async ([words, there, patience]) => {{
  const end = Date.now() + patience;
  while (Date.now() < end) {{
    const found = (await ({EVERYTHING})()).some((each) => each.includes(words));
    if (found === there) return true;
    await new Promise((done) => setTimeout(done, 50));
  }}
  return false;
}}
"""


def kept(page) -> list[str]:
    """Everything that a phone keeps, as text."""
    return page.evaluate(EVERYTHING)


def until_kept(page, words: str, there: bool = True) -> None:
    """Wait until a phone keeps these words, or does no longer."""
    assert page.evaluate(UNTIL, [words, there, 10_000]), f"{'not' if there else 'still'} kept: {words}"


def file_of(server: Server) -> Path:
    return server.folder / "cafe.db"


def copy_aside(server: Server) -> Path:
    """Copy a server's database while it serves."""
    aside = server.folder / "aside.db"
    with closing(sqlite3.connect(file_of(server))) as now, closing(sqlite3.connect(aside)) as copy:
        now.backup(copy)
    return aside


def put_back(server: Server, aside: Path) -> None:
    """Restore an older copy on a server that is stopped: another history begins."""
    for left_over in server.folder.glob("cafe.db*"):
        left_over.unlink()
    shutil.copy(aside, file_of(server))
    change(server, "UPDATE installation SET epoch = ?", str(uuid.uuid4()))


def change(server: Server, statement: str, *values: object) -> None:
    """Change a server's database behind its back."""
    with closing(sqlite3.connect(file_of(server), timeout=10)) as db, db:
        db.execute(statement, values)
