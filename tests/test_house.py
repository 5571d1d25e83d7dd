"""The walls of the house, checked with plain `ast`: who may know what, and where each power lives.

A wall stands so that a reader can trust it without reading everything. When one is in the way, either the change
belongs on its other side, or the wall is moved here, in the open, with a paragraph in docs/house.md.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from sessions import agenda, framework
from sessions.commands import COMMANDS
from sessions.door import RULES
from sessions.permissions import MAY_SEND

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "cafe" / "templates"


def files(*places: str) -> list[str]:
    """The Python files of these folders (or these files), as paths from the root; what others wrote is not ours."""
    found = [
        path for place in places for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    ]
    return sorted(str(path.relative_to(ROOT)) for path in found if "vendor" not in path.parts)


SESSIONS, CAFE = files("sessions"), files("cafe", "wsgi.py")
OURS = [*SESSIONS, *CAFE]


@cache
def tree(file: str) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), file)


def imported(file: str) -> set[str]:
    """Everything a file imports, wherever in it, as dotted names: `from a import b` is both `a` and `a.b`."""
    names = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return names


def importing(places: list[str], *modules: str) -> set[str]:
    """The files among these that import one of the modules or anything in it."""
    return {
        file
        for file in places
        if any(name == module or name.startswith(f"{module}.") for name in imported(file) for module in modules)
    }


def calls(file: str) -> Iterator[str]:
    """Every call in a file by its dotted name, as far as it has one: `db.commit`, `world.now`, `?.emit`."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call):
            yield dotted(node.func)


def dotted(node: ast.expr) -> str:
    """The name an expression is written as; what is not a name is a question mark."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def calling(places: list[str], which: Callable[[str], object]) -> set[str]:
    """The files among these with a call whose name answers to a test."""
    return {file for file in places if any(which(name) for name in calls(file))}


def ending(*ends: str) -> Callable[[str], bool]:
    """Say whether a dotted name ends in one of these names."""
    return lambda name: name.rpartition(".")[2] in ends


# 1. sessions/ has never heard of the web


@pytest.mark.parametrize("file", SESSIONS)
def test_the_workshop_stands_without_the_web(file):
    allowed = {"sqlalchemy", "alembic", "msgspec", "rapidfuzz", "zxcvbn", "sessions"} | set(sys.stdlib_module_names)
    assert {name.split(".")[0] for name in imported(file)} <= allowed
    assert not {"http", "urllib", "socket", "wsgiref", "asyncio", "threading"} & {
        name.split(".")[0] for name in imported(file)
    }


@pytest.mark.parametrize("file", SESSIONS)
def test_the_workshop_is_typed_throughout(file):
    written = {each.id for each in ast.walk(tree(file)) if isinstance(each, ast.Name)}
    written |= {each.attr for each in ast.walk(tree(file)) if isinstance(each, ast.Attribute)}
    assert "Any" not in written | {name.rpartition(".")[2] for name in imported(file)}


# 2. Each power has its place


def test_only_live_and_fanout_emit():
    assert calling(OURS, ending("emit", "send_to_room")) == {"cafe/fanout.py", "cafe/live.py"}


def test_only_visitors_reads_and_sets_credentials():
    """The exact rule: cookies and the Authorization header are touched in `visitors` and nowhere else.

    One line elsewhere names them: `live` hands the cookies of a socket's handshake, unread, to `visitors.Credentials`,
    because a socket has no request of its own. What a token stands for is asked in `visitors` alone, and Flask's own
    cookie session is not used at all. A rehearsal's pretend phone is a program on the other side: it sends its own.
    """
    touching = {}
    for file in sorted({*CAFE} - {"cafe/pretending.py"}):
        attributes = [each for each in ast.walk(tree(file)) if isinstance(each, ast.Attribute)]
        found = [
            dotted(each)
            for each in attributes
            if each.attr in {"cookies", "authorization", "set_cookie", "delete_cookie"}
        ]
        texts = [each.value for each in ast.walk(tree(file)) if isinstance(each, ast.Constant)]
        found += [text for text in texts if text in ("Authorization", "HTTP_AUTHORIZATION", "HTTP_COOKIE", "Cookie")]
        if found:
            touching[file] = found
    assert set(touching) == {"cafe/live.py", "cafe/visitors.py"}
    handed_on = [
        dotted(each.args[0])
        for each in ast.walk(tree("cafe/live.py"))
        if isinstance(each, ast.Call) and dotted(each.func) == "Credentials"
    ]
    assert touching["cafe/live.py"] == handed_on == ["request.cookies"]
    assert calling(CAFE, ending("who_holds")) == {"cafe/visitors.py"}
    assert not importing(CAFE, "flask.session")


def test_only_the_world_knows_the_time_and_throws_dice():
    """`time.perf_counter`, `monotonic` and `sleep` measure or wait: they are not the time of day."""
    dice = ("random", "secrets", "uuid")
    clocks = {
        "now",
        "utcnow",
        "today",
        "time",
        "time_ns",
        "localtime",
        "gmtime",
        "urandom",
        "random",
        "current_timestamp",
    }
    owners = {"datetime", "date", "time", "os", "func", "dt", "sa"}

    def asks(name: str) -> bool:
        owner, _, what = name.rpartition(".")
        return what in clocks and owner.rpartition(".")[2] in owners

    assert importing(OURS, *dice, "time.time", "os.urandom") == {"sessions/world.py"}
    assert calling(OURS, asks) == {"sessions/world.py"}


def test_nothing_that_serves_can_replay():
    """Rehearsed cafés have a clock and dice of their own; whoever runs them runs alone, in a database of its own."""
    assert calling(OURS, ending("replay")) == {"cafe/samples.py"}
    assert importing(OURS, "sessions.scripts") == {
        "cafe/samples.py",
        "sessions/harvest/invented.py",
        "sessions/harvest/vocabulary.py",
        "sessions/replaying.py",
        "sessions/sample_guide.py",
    }
    assert importing(OURS, "sessions.replaying") == {"sessions/sample_guide.py"}
    assert importing(OURS, "sessions.sample_guide") == {"cafe/samples.py"}
    assert importing(OURS, "sessions.harvest.invented") == {"cafe/samples.py"}
    assert importing(OURS, "cafe.samples") == {"cafe/cli.py"}


def test_only_the_writer_and_the_store_commit():
    """Before anyone is served the command line may too, and restoring, in a copy that nobody else sees."""
    alone = {"cafe/cli.py", "cafe/letting_in.py", "cafe/samples.py", "cafe/starting.py", "cafe/upkeep.py"}
    alone |= {"cafe/taking_in.py", "sessions/restore.py"}
    assert calling(OURS, ending("unit_of_work")) == {"sessions/store.py", "cafe/writer.py", *alone}
    assert calling(OURS, ending("begin", "autocommit")) == {"sessions/store.py"}
    assert calling(OURS, ending("commit")) == set()
    assert calling(OURS, ending("create_engine", "Session", "sessionmaker")) == {"sessions/store.py"}


def test_rules_and_the_door_leave_looking_and_changing_to_whoever_opened_the_transaction():
    whole = ("store", "sqlite", "claims", "backup", "restore")  # who has the whole database in hand, as files
    inside = [file for file in SESSIONS if file not in {f"sessions/{name}.py" for name in whole}]
    assert calling(inside, ending("rollback", "commit", "begin", "close", "reading", "Store")) == set()


# 3. Pages know no tables, and exports know neither request nor database


def test_the_web_face_never_touches_tables():
    assert importing(CAFE, "sessions.models") == set()
    assert calling(CAFE, ending("execute", "exec_driver_sql", "scalars", "scalar")) == set()


def test_pages_and_live_take_nothing_of_sqlalchemy_but_a_type_and_an_error():
    allowed = {"sqlalchemy", "sqlalchemy.Connection", "sqlalchemy.exc", "sqlalchemy.exc.DBAPIError"}
    for file in [*files("cafe/pages"), "cafe/live.py"]:
        assert {name for name in imported(file) if name.startswith("sqlalchemy")} <= allowed, file


@pytest.mark.parametrize("file", files("cafe/exports"))
def test_an_export_sees_a_guide_and_a_stream(file):
    names = imported(file)
    assert not importing([file], "flask", "flask_babel", "werkzeug", "sqlalchemy", "socketio", "gevent")
    ours = {name for name in names if name.split(".")[0] in {"sessions", "cafe"}}
    of_refs = {"sessions.refs", "sessions.refs.GUIDE", "sessions.refs.digest"}  # what compares words
    edition = "sessions.harvest.catalogue"  # a published edition, as types too
    back = "sessions.returned" if file == "cafe/exports/docx_back.py" else "sessions.guide"  # as types
    assert {
        name for name in ours - of_refs if not name.startswith(("sessions.guide", edition, back, "cafe.exports"))
    } == set()


def test_nothing_imports_the_composition_root_but_entry_points():
    assert importing(OURS, "cafe.app") == {"cafe/serve.py"}
    assert importing(OURS, "cafe.serve") == {"wsgi.py", "cafe/cli.py"}
    assert importing(OURS, "tests", "bench") == set()


def test_only_the_real_server_knows_gevent():
    real = {f"cafe/{name}.py" for name in ("adapter", "connections", "serve", "stopping", "websocket")}
    assert importing(OURS, "gevent", "geventwebsocket") == real
    assert importing(OURS, *(f"cafe.{Path(each).stem}" for each in real)) <= {*real, "wsgi.py", "cafe/cli.py"}


# 4. Nobody is kept in memory between requests: two apps can live in one test


CONTAINERS = {"dict", "list", "set", "defaultdict", "OrderedDict", "Counter", "deque", "WeakValueDictionary", "Queue"}
PARTS = {"Store", "Writer", "Hints", "Flask", "Drawn", "SocketIO", "Fanout", "Live", "Parts", "Settings", "create_app"}
GROWING = {"append", "add", "update", "setdefault", "pop", "popitem", "clear", "extend", "insert", "remove", "discard"}


def bound(file: str) -> Iterator[tuple[str, ast.expr]]:
    """Names that a module binds when it is imported, with what they are bound to."""
    for node in tree(file).body:
        if isinstance(node, ast.Assign):
            yield from ((dotted(target), node.value) for target in node.targets)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield dotted(node.target), node.value


@pytest.mark.parametrize("file", [file for file in OURS if file != "wsgi.py"])
def test_a_module_keeps_no_people_and_no_parts(file):
    """No empty container to be filled later, no part of an app, nothing filled by a function, no `global`."""
    names = {name for name, _ in bound(file)}
    for name, value in bound(file):
        made = dotted(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
        assert ast.unparse(value) not in {"{}", "[]"}, name
        assert made not in CONTAINERS | PARTS, name
    for node in ast.walk(tree(file)):
        assert not isinstance(node, ast.Global | ast.Nonlocal), file
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in GROWING:
            assert dotted(node.func.value) not in names, f"{file} fills {dotted(node.func.value)}"
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            assert dotted(node.value) not in names, f"{file} fills {dotted(node.value)}"


def test_only_data_that_comes_with_the_package_is_read_once_and_kept():
    decorators = {
        (file, dotted(each.func if isinstance(each, ast.Call) else each).rpartition(".")[2])
        for file in OURS
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for each in node.decorator_list
    }
    assert {file for file, name in decorators if name in {"cache", "lru_cache"}} == {
        "cafe/exports/catalogue.py",
        "sessions/framework.py",
        "sessions/harvest/vocabulary.py",
        "sessions/privacy.py",
    }


# 5. Commands, stages, kits


@pytest.mark.parametrize("do", sorted(COMMANDS))
def test_a_command_has_someone_to_send_it_a_time_and_a_rule(do):
    kind = COMMANDS[do]
    assert MAY_SEND[kind]
    welcome = {each for stages in agenda.AGENDAS.values() for stage in stages for each in stage.welcome}
    assert kind in agenda.ALWAYS or kind in welcome
    assert callable(RULES[kind])


def test_there_is_no_row_for_what_is_no_command():
    kinds = set(COMMANDS.values())
    assert set(MAY_SEND) == set(RULES) == kinds
    assert kinds >= agenda.ALWAYS


@pytest.mark.parametrize("stage", sorted({stage.id for stages in agenda.AGENDAS.values() for stage in stages}))
def test_a_stage_has_its_template_with_a_macro_for_each_view(stage):
    source = (TEMPLATES / "stages" / f"{stage}.html").read_text(encoding="utf-8")
    assert {"phone", "console", "screen"} <= set(re.findall(r"{%-?\s*macro\s+(\w+)\(", source))


def test_there_is_no_template_for_what_is_no_stage():
    stages = {stage.id for stages in agenda.AGENDAS.values() for stage in stages}
    assert {path.stem for path in (TEMPLATES / "stages").glob("*.html")} == stages


def test_eight_kits_are_complete_and_say_where_they_come_from():
    kit = framework.load()
    assert len(kit.foundations) == 8
    for each in kit.foundations:
        assert each.what and each.question and len(each.ask) >= 3 and len(each.examples) >= 3
        sources = [kit.source(key) for key in (each.source, *(example.source for example in each.examples))]
        assert all(source.title and source.authors and source.locator and source.licence for source in sources)


# 6. Pages bring no code of their own


@pytest.mark.parametrize("file", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")))
def test_a_template_holds_no_code_no_style_and_no_unescaped_words(file):
    source = re.sub(r"{#.*?#}", "", (TEMPLATES / file).read_text(encoding="utf-8"), flags=re.DOTALL)
    for script in re.findall(r"<script\b[^>]*>[^<]*", source, re.IGNORECASE):
        assert re.search(r"\ssrc=", script) and script.endswith(">"), script
    assert not re.search(r"<style\b", source, re.IGNORECASE)
    assert not re.search(r"\sstyle\s*=", source, re.IGNORECASE)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", source, re.IGNORECASE)
    assert not re.search(r"javascript:", source, re.IGNORECASE)
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", source)


def test_no_page_calls_words_safe_in_python():
    # Sentences of ours, with whatever is put into them escaped.
    assert calling(CAFE, ending("Markup")) == {"cafe/drawing.py"}


def test_one_script_owns_the_page():
    scripts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "cafe/static/js").glob("*.js")}
    writing = r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe|createContextualFragment"
    assert {name for name, source in scripts.items() if re.search(writing, source)} == {"patch.js"}
    assert {name for name, source in scripts.items() if "createPolicy" in source} == {"patch.js"}
    assert not [name for name, source in scripts.items() if re.search(r"\beval\(|new Function\(", source)]


# 7. Names say what is in a file


def test_nothing_is_named_for_having_no_other_place():
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    folders = [path for name in ("sessions", "cafe", "tests", "bench") for path in (ROOT / name).rglob("*")]
    named = [
        path for path in folders if path.stem.casefold() in vague and not {"vendor", "__pycache__"} & set(path.parts)
    ]
    assert named == []


@pytest.mark.parametrize("file", OURS)
def test_a_module_says_what_lives_in_it(file):
    assert ast.get_docstring(tree(file)) or file.endswith("versions/__init__.py")
