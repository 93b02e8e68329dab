"""Files of models that arrive piece by piece."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.manifest import manifest_of
from gateway.governance.models.uploads import Uploads
from tests.support.effort import examples

ONE, TWO = "u_" + "1" * 32, "u_" + "2" * 32


def kept(uploads: Uploads, upload: str) -> Path:
    directory = uploads.directory(f"upload:{upload}")
    (place,) = uploads.kept((directory, manifest_of(directory).digest))
    assert place is not None
    return Path(place)


def test_pieces_make_a_file_and_one_that_broke_off_goes_on(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    assert uploads.add(ONE, "config.json", 0, b'{"a"') == 4
    with pytest.raises(InvalidRequest, match="4 bytes so far"):
        uploads.add(ONE, "config.json", 7, b"1}")
    assert uploads.add(ONE, "config.json", 4, b": 1}") == 8
    assert uploads.add(ONE, "deep/notes.txt", 0, b"x") == 1
    place = kept(uploads, ONE)
    assert (place / "config.json").read_bytes() == b'{"a": 1}'
    assert (place / "deep" / "notes.txt").read_bytes() == b"x"


def test_what_was_registered_cannot_change_and_is_kept_once(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    for upload in (ONE, TWO):
        uploads.add(upload, "config.json", 0, b"{}")
    assert kept(uploads, ONE) == kept(uploads, TWO)
    with pytest.raises(InvalidRequest, match="no such upload"):
        uploads.directory(f"upload:{ONE}")
    uploads.add(ONE, "config.json", 0, b"[]")  # is another upload now
    assert (kept(uploads, ONE) / "config.json").read_bytes() == b"[]"


def test_a_path_on_this_machine_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    uploads = Uploads(tmp_path / "uploads")
    place = tmp_path / "model"
    assert uploads.directory(place) == place
    assert uploads.kept((place, "sha256:0"), (None, None)) == [str(place), None]


STEPS = ("models", "secret", "gone", "..", ".", "out", "back", "loop", "tiny", "a.json", "\0", "~")


@example(steps=["loop", "..", "out"], start="models", words="")
@given(
    steps=st.lists(st.sampled_from(STEPS), max_size=6),
    start=st.sampled_from(["root", "models", "relative", "text"]),
    words=st.text(max_size=40),
)
@settings(max_examples=examples(400))
def test_a_path_that_was_sent_leads_into_the_directory_or_is_refused_alike(
    disk: Path, steps: list[str], start: str, words: str
) -> None:
    """Whether a path exists is not told: only where it would be decides, links followed."""
    begins = {"root": str(disk), "models": str(disk / "models"), "relative": "", "text": words}
    sent = "/".join([begins[start], *steps]) or "."
    try:
        real = Path(os.path.realpath(sent))
        in_a_circle = any(one.is_symlink() for one in (real, *real.parents))
        behind_one = os.path.realpath(real) != str(real)  # what follows a circle is not resolved
        within = (disk / "models") in (real, *real.parents)
        inside = within and not in_a_circle and not behind_one
    except ValueError:
        inside = False
    try:
        found = str(Uploads(disk / "models").directory(sent))
    except InvalidRequest as refused:
        found = str(refused)
    assert found == (str(real) if inside else outside(disk))


def outside(disk: Path) -> str:
    with pytest.raises(InvalidRequest) as refused:
        Uploads(disk / "models").directory(str(disk / "secret"))
    return str(refused.value)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of models beside another one, with links out, back in, and in a circle."""
    root = tmp_path_factory.mktemp("disk").resolve()
    for folder in ("models/tiny", "secret"):
        (root / folder).mkdir(parents=True)
        (root / folder / "a.json").write_text("{}", encoding="utf-8")
    (root / "models/out").symlink_to(root / "secret")
    (root / "secret/back").symlink_to(root / "models")
    (root / "models/loop").symlink_to(root / "models/loop")
    return root


def test_without_a_directory_of_models_each_path_is_refused_alike(disk: Path) -> None:
    for path in (disk / "models", disk / "gone"):
        with pytest.raises(InvalidRequest) as refused:
            Uploads(None).directory(str(path))
        assert str(refused.value) == outside(disk)


@pytest.mark.parametrize(
    "name",
    [
        "../config.json",
        "/etc/config.json",
        "a/../config.json",
        "",
        ".git/config.json",
        "weights.bin",
        "model.py",
        "a/b/c/d/config.json",
        "x" * 300 + ".json",
        "con\x00fig.json",
        "a\\b.json",
        "a//b.json",
        "./config.json",
    ],
)
def test_a_name_that_no_model_has_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRequest):
        Uploads(tmp_path).add(ONE, name, 0, b"x")
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize("upload", ["", "u_1", "../" + ONE, "u_" + "g" * 32, ONE + "/x"])
def test_an_upload_has_the_name_of_one(tmp_path: Path, upload: str) -> None:
    with pytest.raises(InvalidRequest, match="32 hex digits"):
        Uploads(tmp_path).add(upload, "config.json", 0, b"x")
    with pytest.raises(InvalidRequest, match="32 hex digits"):
        Uploads(tmp_path).directory(f"upload:{upload}")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    uploads.add(ONE, "a.json", 0, b"{}")
    with pytest.raises(InvalidRequest, match="both a file and a folder"):
        uploads.add(ONE, "a.json/b.json", 0, b"{}")


def test_without_a_folder_there_are_no_uploads() -> None:
    with pytest.raises(InvalidRequest, match="no folder"):
        Uploads(None).add(ONE, "config.json", 0, b"x")
