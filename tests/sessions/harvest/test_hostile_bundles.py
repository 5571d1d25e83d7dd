"""Files that were made to do harm, or came to harm: each is refused in a sentence, and leaves nothing anywhere."""

import io
import json
import re
import stat
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from sessions import bundle
from sessions.harvest import importing, unpacking
from sessions.harvest.models import Deed, Entry, Source
from sessions.harvest.sound import everything
from sessions.harvest.unpacking import Unsound
from tests.bundles import as_data, as_file, held, line, made, zipped

GOOD = bundle.dump(made())
MANY = 1024 * 1024
MOST_MEMORY = 100 * MANY


def with_entry(name: str = "bundle.json", contents: bytes = GOOD, **told: object) -> bytes:
    """A zip with one file in it, of which something unusual is said."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        entry = zipfile.ZipInfo(name)
        for what, value in told.items():
            setattr(entry, what, value)
        package.writestr(entry, contents)
    return packed.getvalue()


def twice() -> bytes:
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w") as package:
        warnings.simplefilter("ignore")
        package.writestr("bundle.json", GOOD)
        package.writestr("bundle.json", b"{}")
    return packed.getvalue()


def locked() -> bytes:
    """A zip that says it is locked with a password."""
    held = bytearray(with_entry())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        held[held.index(mark) + at] |= 1
    return bytes(held)


def lying_about_its_size(said: int) -> bytes:
    """A zip whose list gives another size than its file has."""
    held = bytearray(zipped({"bundle.json": b"{" + b" " * MANY}, zipfile.ZIP_DEFLATED))
    struct.pack_into("<I", held, held.index(b"PK\x01\x02") + 24, said)
    return bytes(held)


def lying_over_each_other() -> bytes:
    """A zip whose list names the same packed bytes many times (a bomb without nesting)."""
    one = with_entry("a.json")
    at, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    lines = b"".join(one[at:end].replace(b"a.json", b"%c.json" % letter) for letter in b"abcdefgh")
    tail = bytearray(one[end:])
    struct.pack_into("<HHII", tail, 8, 8, 8, len(lines), at)
    return one[:at] + lines + bytes(tail)


def spoiled_inside() -> bytes:
    """A zip of which one byte changed on the way."""
    held = bytearray(with_entry())
    held[held.index(b"Ring back")] ^= 0x20
    return bytes(held)


def named_twice_over() -> bytes:
    """A zip whose file has one name in its list and another where it stands."""
    held = with_entry()
    return held.replace(b"bundle.json", b"bungle.json", 1)


def said(*path: object, to: object) -> Callable[[], bytes]:
    """A bundle that says something else somewhere."""

    def spoil() -> bytes:
        data = as_data(made())
        at = data
        for each in path[:-1]:
            at = at[each]
        at[path[-1]] = to
        return as_file(data)

    return spoil


def in_words(words: str) -> Callable[[], bytes]:
    return said("sessions", 0, "actions", 0, "text", to=words)


def raw(data: bytes | str) -> Callable[[], bytes]:
    """Some data as the bundle in a zip."""
    return lambda: zipped({"bundle.json": data if isinstance(data, bytes) else data.encode()})


def replaced(before: str, after: str) -> Callable[[], bytes]:
    """A sound bundle's data, with some of its text replaced."""

    def spoil() -> bytes:
        whole = GOOD.decode()
        assert before in whole
        return zipped({"bundle.json": whole.replace(before, after, 1).encode("utf-8", "surrogatepass")})

    return spoil


FIRST = ("sessions", 0, "actions", 0)
STEP = ("sessions", 0, "steps", 0)
SITTING = ("sessions", 0, "sitting")

HOSTILE: dict[str, Callable[[], bytes]] = {
    # bombs
    "larger than may come": lambda: b"{" + b" " * unpacking.MOST_BYTES,
    "a bomb": lambda: zipped({"bundle.json": b"\0" * 50 * MANY}, zipfile.ZIP_DEFLATED),
    "a bomb of spaces": lambda: zipped({"bundle.json": b"{" + b" " * (4 * MANY - 2)}, zipfile.ZIP_DEFLATED),
    "many that are large together": lambda: zipped(
        {f"{n}.json": (GOOD + b" " * 60 * 1024) * 6 for n in range(180)}, zipfile.ZIP_DEFLATED
    ),
    "a zip in a zip in a zip": lambda: zipped({"bundle.json": zipped({"bundle.json": zipped({"bundle.json": GOOD})})}),
    "a zip with a zip beside": lambda: zipped({"bundle.json": GOOD, "more.zip": zipped({"bundle.json": GOOD})}),
    "a size that is too small": lambda: lying_about_its_size(100),
    "a size that is too large": lambda: lying_about_its_size(2 * MANY),
    "files that lie over each other": lying_over_each_other,
    "thousands of files": lambda: zipped({f"{n}.json": b"{}" for n in range(3000)}),
    "millions of empty lists": raw('{"schema":1,"x":[' + "[]," * 1_000_000 + "[]]}"),
    "hundreds of thousands of small words": raw('{"schema":1,"audience":"team","x":[' + '"ab",' * 780_000 + '"ab"]}'),
    "sixty thousand small objects": raw('{"schema":1,"audience":"team","x":[' + '{"a":1},' * 59_000 + '{"a":1}]}'),
    "packed as few zips are": lambda: zipped({"bundle.json": GOOD}, zipfile.ZIP_BZIP2),
    "packed by numbers alone": lambda: zipped({"bundle.json": GOOD}, zipfile.ZIP_LZMA),
    "locked with a password": locked,
    # ways out
    "a way up": lambda: with_entry("../../bundle.json"),
    "a way up on Windows": lambda: with_entry("..\\..\\bundle.json"),
    "a place from the root": lambda: with_entry("/etc/cron.d/bundle.json"),
    "a drive": lambda: with_entry("C:bundle.json"),
    "a share": lambda: with_entry("\\\\server\\bundle.json"),
    "a folder": lambda: with_entry("bundle.json/", b""),
    "a file in a folder": lambda: with_entry("inner/bundle.json"),
    "a name with nothing in it": lambda: with_entry("bundle.json").replace(b"bundle.json", b"bund\0e.json"),
    "a name that turns round": lambda: with_entry("bundle\u202enosj.json"),
    "a name with a line in it": lambda: with_entry("bundle\n.json"),
    "a hidden name": lambda: with_entry(".json"),
    "a link": lambda: with_entry(
        "bundle.json", b"/etc/passwd", create_system=3, external_attr=(stat.S_IFLNK | 0o777) << 16
    ),
    "a device": lambda: with_entry(create_system=3, external_attr=(stat.S_IFCHR | 0o666) << 16),
    "two files of one name": twice,
    "two names of one file": named_twice_over,
    "two names but for their letters": lambda: zipped({"bundle.json": GOOD, "Bundle.json": GOOD}),
    # what runs
    "a page": lambda: b"<!doctype html><script>alert(1)</script>",
    "a page beside it": lambda: zipped({"bundle.json": GOOD, "index.html": b"<script>alert(1)</script>"}),
    "a program beside it": lambda: zipped({"bundle.json": GOOD, "run.sh": b"#!/bin/sh\nrm -rf /"}),
    "a macro's file": lambda: zipped({"bundle.json": GOOD, "vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
    "a page before the zip": lambda: b"<script>alert(1)</script>" + as_file(made()),
    "a call instead of data": raw(b"callback(" + GOOD + b")"),
    "a pickle": raw(b"\x80\x04\x95cos\nsystem\n(S'id'\ntR."),
    "yaml": raw("!!python/object/apply:os.system ['id']"),
    "a script in words": in_words("<script>alert(1)</script>"),
    "a picture that calls": in_words('<img src=x onerror="alert(1)">'),
    "a drawing that calls": in_words("<svg/onload=alert(1)>"),
    "an address that runs": in_words("javascript:alert(1)"),
    "an address that holds a page": in_words("data:text/html;base64,PHNjcmlwdD4="),
    "an entity": in_words('<!ENTITY x SYSTEM "file:///etc/passwd">'),
    "a script in a title": said("cafe", "title", to="</title><script src=//x></script>"),
    "a script in what was told": said(*STEP, "told", 0, "note", to="<iframe src=//x>"),
    "a script for a ref": said(*FIRST, "ref", to='"><script>x</script>'),
    # wrong encodings
    "UTF-16": raw(GOOD.decode().encode("utf-16")),
    "a byte-order mark": raw(b"\xef\xbb\xbf" + GOOD),
    "Latin-1": raw(GOOD.replace("é".encode(), b"\xe9")),
    "letters written too long": raw(GOOD.replace(b"Ring", b"\xc0\xafing")),
    "half a letter": replaced("Ring back", "Ring \\ud800 back"),
    "half a letter in UTF-8": replaced("Ring back", "Ring \ud800 back"),
    "a zero in words": replaced("Ring back", "Ring\\u0000back"),
    "a bell in words": replaced("Ring back", "Ring\\u0007back"),
    "words that turn round": in_words("Ring \u202ekcab"),
    "marks piled on a letter": in_words("R" + "\u0301" * 500),
    # said twice, nested, cut off
    "a key twice": replaced('"schema":1', '"schema":1,"schema":1'),
    "a key twice, deep down": replaced('"share":"open"', '"share":"open","share":"team"'),
    "a key twice, written differently": replaced('"share":"open"', '"share":"open","sh\\u0061re":"team"'),
    "deep lists": raw(b"[" * 100_000),
    "deep objects": raw(b'{"a":' * 50_000),
    "deep where nothing belongs": replaced('"schema":1', '"schema":1,"x":' + "[" * 40 + "]" * 40),
    "half a file": lambda: as_file(made())[: len(as_file(made())) // 2],
    "all but the last byte": lambda: as_file(made())[:-1],
    "half a bundle": raw(GOOD[: len(GOOD) // 2]),
    "more after the end": raw(GOOD + b"{}"),
    "one byte that changed": spoiled_inside,
    "nothing": lambda: b"",
    "an empty zip": lambda: zipped({}),
    "a note alone": lambda: zipped({"READ ME FIRST.txt": b"hello"}),
    "a list": raw(b"[]"),
    "a number": raw(b"1"),
    "null": raw(b"null"),
    # other versions and other files
    "a later version": said("schema", to=2),
    "a version that is true": said("schema", to=True),
    "no version": raw(b'{"edition":1}'),
    "for others": said("audience", to="local"),
    "a field that we do not know": said("more", to="words"),
    "a field that we do not know, deep down": said(*FIRST, "author", to="Ann"),
    "a field that is missing": raw(json.dumps({k: v for k, v in as_data(made()).items() if k != "cafe"})),
    "a look at a bundle": said("handed_out", to=None),
    # what cannot be
    "a number without an end": replaced('"edition":1', '"edition":' + "9" * 5000),
    "no number": replaced('"edition":1', '"edition":NaN'),
    "a number in words": said("edition", to="1"),
    "edition nought": said("edition", to=0),
    "fewer than nobody": said(*FIRST, "chosen_by", to=-1),
    "a day in the year 9999": said("handed_out", to="9999-12-31"),
    "a café in the year 1": said("cafe", "day", to="0001-01-01"),
    "a day that is none": said("cafe", "day", to="2026-02-30"),
    "a moment for a day": said("cafe", "day", to="2026-11-24T00:00:00Z"),
    "words too long": in_words("x" * 2001),
    "a title too long": said("cafe", "title", to="x" * 201),
    "no title": said("cafe", "title", to=" "),
    "no words": in_words(""),
    "another kind": said(*FIRST, "kind", to="order"),
    "a kind in the wrong list": said(*FIRST, "kind", to="concern"),
    "kept to the room": said(*FIRST, "share", to="room"),
    "for the local guide": said(*FIRST, "share", to="local"),
    "a step for the local guide": said(*STEP, "share", to="local"),
    "ambition seven": said(*FIRST, "ambitions", to=[7]),
    "an ambition twice": said(*FIRST, "ambitions", to=[1, 1]),
    "another foundation": said("sessions", 0, "foundation", to="no-such"),
    "another purpose": said("cafe", "purpose", to="sales"),
    "words nobody was asked in": said("sessions", 0, "consent", to="9"),
    "consent of another day": said("consent", 0, "since", to="2020-01-01"),
    "a café without a mark": said("cafe", "id", to="../../etc"),
    "a ref that is a path": said(*FIRST, "ref", to="../../../../etc/"),
    "one ref for two": said(*STEP, "ref", to="a" * 16),
    "one idea in two": said("sessions", 0, "actions", 1, "holds", to=["a" * 15 + "a"]),
    "an editor's line": said(*FIRST, "added", to=True),
    "two people counted": said(*SITTING, "here_as", to=[["Carer", 2]]),
    "answers from the close": said(*SITTING, "learned", "first", to=["I will ring"]),
    "votes that were not shown": lambda: as_file({**as_data(made()), "sessions": [hidden_votes()]}),
    "no session": said("sessions", to=[]),
    "one café twice": lambda: zipped({"a.json": GOOD, "b.json": GOOD}),
    "a sound one and a spoiled one": lambda: zipped({"a.json": GOOD, "b.json": GOOD[:-9]}),
}


def hidden_votes() -> dict:
    session = as_data(made(held(line(0, dots=3, rank=1, chosen_by=2))))["sessions"][0]
    session["sitting"]["voting"]["shown"] = False
    return session


def rows(store) -> int:
    """How many rows there are at the desk, whatever of."""
    with store.reading() as db:
        found = [db.execute(select(func.count()).select_from(table)).scalar_one() for table in (Source, Entry, Deed)]
        return sum(found) + db.exec_driver_sql("SELECT count(*) FROM harvest_words").scalar_one()


@contextmanager
def bounded() -> Iterator[None]:
    """Whatever is done takes no more memory than a small server has to spare."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_file_leaves_nothing_and_says_why(migrated_store, tmp_path, monkeypatch, how):
    monkeypatch.chdir(tmp_path)
    file = HOSTILE[how]()
    with bounded(), pytest.raises(Unsound) as no, migrated_store.unit_of_work() as db:
        importing.take_in(db, None, unpacking.received(io.BytesIO(file)))
    assert rows(migrated_store) == 0
    assert not list(tmp_path.rglob("*"))
    sentence = str(no.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert len(sentence) < 160


def test_there_are_more_than_sixty():
    assert len(HOSTILE) > 60


def test_what_they_were_made_from_is_sound(store):
    for file in (as_file(made()), with_entry(), GOOD, zipped({"a.json": GOOD}, zipfile.ZIP_DEFLATED)):
        with store.unit_of_work() as db:
            [come] = importing.take_in(db, None, file)
        assert come.new + come.same == len(everything(made()))


def test_no_sentence_tells_anything_from_the_file():
    """Whoever made the file would otherwise write on the project team's screen."""
    for how in HOSTILE.values():
        with pytest.raises(Unsound) as no:
            list(importing.each(unpacking.received(io.BytesIO(how()))))
        assert not {"script", "passwd", "Ann", "alert"} & set(re.findall(r"\w+", str(no.value)))
