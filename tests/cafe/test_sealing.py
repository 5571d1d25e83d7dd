"""Backups are sealed: nobody reads one without its key, nothing in it can be changed unnoticed, and it opens again."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cafe import sealing
from sessions import backup
from sessions.backup import Unsound
from sessions.store import Store
from tests.cafe.conftest import opened_in, run_cafe

KEY, OTHER = "ab" * 32, "cd" * 32
MARKER = b"Zanzibarmarmalade"
SIZES = [0, 1, sealing.PIECE - 1, sealing.PIECE, sealing.PIECE + 1, 2 * sealing.PIECE]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A sealed file of three pieces."""
    (tmp_path / "plain").write_bytes(MARKER * (2 * sealing.PIECE // len(MARKER) + 9))
    sealing.seal(tmp_path / "plain", tmp_path / "sealed", KEY)
    return tmp_path / "sealed"


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_to_the_byte(tmp_path, size):
    (tmp_path / "plain").write_bytes(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    sealing.seal(tmp_path / "plain", tmp_path / "sealed", KEY)
    sealing.unseal(tmp_path / "sealed", tmp_path / "again", KEY)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "plain").read_bytes()
    assert (tmp_path / "again").stat().st_mode & 0o777 == 0o600


def test_nothing_can_be_read_in_it_and_no_two_are_alike(sealed):
    first = sealed.read_bytes()
    assert MARKER not in first
    sealing.seal(sealed.with_name("plain"), sealed, KEY)
    assert sealed.read_bytes()[len(sealing.MARK) + 8 :] != first[len(sealing.MARK) + 8 :]
    assert sealed.stat().st_mode & 0o777 == 0o600


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(where=st.integers(0, 2 * sealing.PIECE + 200), bit=st.integers(0, 7))
def test_a_single_changed_bit_is_noticed(sealed, where, bit):
    content = bytearray(sealed.read_bytes())
    content[where] ^= 1 << bit
    changed = sealed.with_name("changed")
    changed.write_bytes(content)
    if sealing.is_sealed(changed):
        with pytest.raises(Unsound):
            sealing.unseal(changed, sealed.with_name("again"), KEY)


def test_what_was_cut_off_added_or_moved_is_noticed(sealed):
    content, piece = sealed.read_bytes(), sealing.PIECE + 16
    head = len(content) - 2 * piece - len(content[-((len(content) - 64) % piece) :])
    assert head == len(sealing.MARK) + 8 + 32
    pieces = [content[head:][at : at + piece] for at in range(0, len(content) - head, piece)]
    assert len(pieces) == 3
    first, second, last = pieces
    for wrong in ([first, second], [first], [], [*pieces, last], [second, first, last], [*pieces, b"x"]):
        sealed.write_bytes(content[:head] + b"".join(wrong))
        with pytest.raises(Unsound, match="damaged"):
            sealing.unseal(sealed, sealed.with_name("again"), KEY)


def test_another_key_opens_nothing_and_is_known_as_another(sealed):
    (sealed.with_name("other")).write_text(OTHER)
    with (
        pytest.raises(Unsound, match="another key"),
        sealing.unsealed(sealed, sealed.with_name("cafe.db"), [sealed.with_name("other")]),
    ):
        pass
    with pytest.raises(Unsound):
        sealing.unseal(sealed, sealed.with_name("again"), OTHER)


def test_among_several_keys_the_one_that_fits_is_used_and_no_plain_copy_stays(sealed):
    (sealed.with_name("other")).write_text(OTHER)
    (sealed.with_name("key")).write_text(f"{KEY}\n")
    keys = [sealed.with_name("nowhere"), sealed.with_name("other"), sealed.with_name("key")]
    with sealing.unsealed(sealed, sealed.with_name("cafe.db"), keys) as plain:
        assert MARKER in plain.read_bytes()
        assert plain.stat().st_mode & 0o777 == 0o600
    assert not plain.exists()


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    (tmp_path / "plain").write_text("Kept")
    for name in ("first", "second"):
        sealing.sealing(tmp_path / "backup-key")(tmp_path / "plain", tmp_path / name)
    assert (tmp_path / "backup-key").stat().st_mode & 0o777 == 0o600
    key = sealing.read_key(tmp_path / "backup-key")
    for name in ("first", "second"):
        sealing.unseal(tmp_path / name, tmp_path / "again", key)


@pytest.mark.parametrize("held", ["", "hello", "ab" * 31, "xy" * 32, "é" * 64])
def test_what_is_no_key_is_not_taken_for_one_and_not_replaced(tmp_path, held):
    (tmp_path / "backup-key").write_text(held)
    (tmp_path / "plain").write_text("Kept")
    with pytest.raises(Unsound, match="does not hold the key"):
        sealing.sealing(tmp_path / "backup-key")(tmp_path / "plain", tmp_path / "sealed")
    assert (tmp_path / "backup-key").read_text() == held
    assert not (tmp_path / "sealed").exists()


# From the command line


@pytest.fixture
def folder(migrated: Path, tmp_path: Path) -> Path:
    """A folder with an installation in which a session is open."""
    (tmp_path / "instance").mkdir()
    shutil.copy(migrated, tmp_path / "instance" / "cafe.db")
    with closing(Store(f"sqlite:///{tmp_path / 'instance' / 'cafe.db'}")) as store:
        opened_in(store)
    return tmp_path


def test_a_backup_by_hand_is_sealed_and_leaves_nothing_else(folder):
    (folder / "stick").mkdir()
    done = run_cafe("backup", "stick/copy", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "instance/backup-key" in done.stdout
    assert [path.name for path in (folder / "stick").iterdir()] == ["copy"]
    assert sealing.is_sealed(folder / "stick" / "copy")
    left = {path.name for path in (folder / "instance").iterdir()}
    assert left - {"cafe.db-wal", "cafe.db-shm", "cafe.db.lock"} == {"cafe.db", "backup-key"}


def test_on_another_computer_a_backup_opens_with_its_key_alone(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    run_cafe("backup", str(elsewhere / "copy"), cwd=folder)
    missing = run_cafe("restore", "copy", cwd=elsewhere)
    assert missing.returncode == 1
    assert missing.stderr == (
        "Nothing was restored. It is sealed, and there is no key to it in instance/backup-key."
        " Give the file with --key-file.\n"
    )
    shutil.copy(folder / "instance" / "backup-key", elsewhere / "key")
    back = run_cafe("restore", "copy", "--key-file", "key", cwd=elsewhere)
    assert (back.returncode, back.stderr) == (0, "")
    assert run_cafe("verify", cwd=elsewhere).returncode == 0
    assert {path.name for path in (elsewhere / "instance").iterdir()} <= {"cafe.db", "cafe.db.lock"}


def test_a_plain_backup_of_before_is_put_back_as_ever(folder):
    backup.take(folder / "instance" / "cafe.db", folder / "old.db")
    back = run_cafe("restore", "old.db", cwd=folder)
    assert (back.returncode, back.stderr) == (0, "")
    assert run_cafe("verify", cwd=folder).returncode == 0


def test_what_a_restore_replaced_goes_after_35_days(folder):
    run_cafe("backup", "copy", cwd=folder)
    assert "35 days" in run_cafe("restore", "copy", cwd=folder).stdout
    database = folder / "instance" / "cafe.db"
    (kept,) = database.parent.glob("*.replaced-*")
    at = backup._moment(backup._REPLACED.search(kept.name)[1])
    backup.drop_superseded(database, at + backup.DAYS / 2)
    assert kept.exists()
    backup.drop_superseded(database, at + backup.DAYS)
    assert not kept.exists()
    assert database.exists()
