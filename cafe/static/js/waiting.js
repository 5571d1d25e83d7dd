/** The waiting page: looks now and then whether the session has opened, and goes in when it has. */

const LOOK = 8000; // ms, and up to half as much more, so that a full room does not look all at once

async function look() {
  try {
    const page = await (await fetch(location.href)).text();
    if (!page.includes("data-waiting=")) return location.reload();
  } catch {
    // No network just now; the next look may have one.
  }
  return setTimeout(look, LOOK + Math.random() * 4000);
}

setTimeout(look, LOOK);
