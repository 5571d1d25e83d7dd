"""What axe finds on a page: the engine that axe-playwright-python carries, run by evaluation, as no page loads it."""

import json
import re
from importlib.resources import files

RULES = json.dumps({"resultTypes": ["violations"], "preload": False, "rules": {"target-size": {"enabled": True}}})
UNFOLD = """() => {
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  // The phone's foot lies over what is being scrolled, but not over the end.
  if (document.body.classList.contains("phone")) scrollTo(0, document.body.scrollHeight);
}"""


def violations(page) -> list[str]:
    """Return each violation with the element it is on, in what is folded away too."""
    page.wait_for_load_state()  # a form may just have been sent, and its answer not be there yet
    page.evaluate(UNFOLD)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    found = page.evaluate(f"() => axe.run(document, {RULES})")["violations"]
    return [
        f"{page.url} {each['id']}: {' '.join(map(str, node['target']))} {_why(node)}"
        for each in found
        for node in each["nodes"]
    ]


def violations_unscripted(page) -> list[str]:
    """Return the violations on a page without a script: axe runs on a twin of it in which `noscript` is unwrapped."""
    html = re.sub(r"<script.*?</script>", "", page.content(), flags=re.DOTALL)
    html = re.sub(r"<(/?)noscript>", r"<\1div>", html)
    context = page.context.browser.new_context(viewport=page.viewport_size)
    twin = context.new_page()
    twin.route(page.url.partition("#")[0], lambda route: route.fulfill(body=html, content_type="text/html"))
    twin.goto(page.url)
    found = violations(twin)
    context.close()
    return found


def _why(node: dict) -> str:
    return " ".join(node["failureSummary"].split())[:200]
