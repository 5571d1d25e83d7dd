"""The desk's first page: finding what people said, by its words and by where it is from."""

from flask import Blueprint, current_app, render_template

from cafe import visitors

pages = Blueprint("harvest_desk", __name__, url_prefix="/harvest")


@pages.get("")
def find() -> str:
    """Show what was found at the desk, or how anything gets there."""
    visitors.team()
    return render_template("harvest/find.html")


@pages.app_template_test("a_page")
def a_page(endpoint: str) -> bool:
    """Say whether a page that the desk's navigation knows is there."""
    return endpoint in current_app.view_functions
