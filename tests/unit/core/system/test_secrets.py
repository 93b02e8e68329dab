"""The secrets directory: what is made, what is refused, and whose key is where."""

from pathlib import Path

import pytest

from gateway.core.system import secrets
from gateway.core.system.secrets import SecretsMissing

pytestmark = pytest.mark.unit
KEK = bytes(range(32))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    secrets.create(tmp_path / "secrets")
    return tmp_path / "secrets"


def wrap(directory: Path) -> None:
    secrets.write_wrapped_kek(directory, "wrapped")
    secrets.remove_plain_kek(directory)


def test_the_very_first_start_makes_secrets_and_later_ones_keep_them(tmp_path: Path) -> None:
    new = tmp_path / "new"
    secrets.create_on_first_start(new, database_exists=False)
    made = secrets.load(new)
    secrets.create_on_first_start(new, database_exists=True)
    assert secrets.load(new).kek == made.kek
    assert secrets.kek_files(new) == (None, True)


def test_a_database_without_its_secrets_is_refused(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(SecretsMissing, match=r"absent/kek is missing. Restore"):
        secrets.create_on_first_start(tmp_path / "absent", database_exists=True)
    assert not (tmp_path / "absent").exists()
    (directory / "pepper").unlink()
    with pytest.raises(SecretsMissing, match="pepper is missing"):
        secrets.create_on_first_start(directory, database_exists=False)


def test_a_wrapped_key_takes_the_place_of_the_key(directory: Path) -> None:
    wrap(directory)
    before = sorted(path.name for path in directory.iterdir())
    secrets.create_on_first_start(directory, database_exists=True)
    secrets.create_on_first_start(directory, database_exists=False)
    assert sorted(path.name for path in directory.iterdir()) == before
    assert "kek" not in before
    assert secrets.wrapped_kek(directory) == "wrapped"
    assert secrets.load(directory, kek=KEK).kek == KEK
    assert (directory / "kek.wrapped").stat().st_mode & 0o077 == 0
    (directory / "kek.wrapped").unlink()
    with pytest.raises(SecretsMissing, match="kek is missing"):
        secrets.create_on_first_start(directory, database_exists=True)


def test_both_at_once_are_refused_with_the_one_to_remove(directory: Path) -> None:
    secrets.write_wrapped_kek(directory, "wrapped")
    with pytest.raises(SecretsMissing, match=r"both kek and kek.wrapped. Remove kek:"):
        secrets.wrapped_kek(directory)


def test_the_worker_is_content_without_the_key(directory: Path) -> None:
    whole = secrets.load(directory)
    token_file = (directory / "worker-token").read_text(encoding="ascii")
    wrap(directory)
    token, signer = secrets.load_for_worker(directory)
    assert token == token_file
    assert signer.public_bytes_raw() == whole.signing.public_key().public_bytes_raw()


def without(directory: Path, *names: str) -> None:
    for name in names:
        (directory / name).unlink()


def test_a_gateway_needs_no_private_key_and_no_operator_token(directory: Path) -> None:
    whole = secrets.load(directory)
    without(directory, "signing.pem", "operator-token")
    found = secrets.load_for_gateway(directory)
    assert (found.kek, found.pepper, found.placeholder) == (
        whole.kek,
        whole.pepper,
        whole.placeholder,
    )
    assert found.signer == whole.signing.public_key()


def test_a_worker_needs_its_token_and_the_public_key(directory: Path) -> None:
    signer = secrets.load(directory).signing.public_key()
    without(directory, "kek", "pepper", "placeholder", "operator-token", "signing.pem")
    assert secrets.load_for_worker(directory)[1] == signer


def test_the_control_plane_needs_no_token_of_the_worker(directory: Path) -> None:
    without(directory, "worker-token")
    assert secrets.load(directory).operator_token


@pytest.mark.parametrize("name", ["kek", "pepper", "placeholder", "worker-token"])
def test_a_gateway_says_which_of_its_files_is_missing(directory: Path, name: str) -> None:
    without(directory, name)
    with pytest.raises(SecretsMissing, match=f"/{name} is missing"):
        secrets.load_for_gateway(directory)


def test_without_either_signing_key_the_public_one_is_named(directory: Path) -> None:
    without(directory, "signing.pem", "signing.pub")
    with pytest.raises(SecretsMissing, match=r"signing\.pub is missing"):
        secrets.load_for_gateway(directory)


@pytest.mark.parametrize("text", ["", "00", "CANARY" * 10])
def test_a_faulty_public_key_is_refused_and_not_shown(directory: Path, text: str) -> None:
    without(directory, "signing.pem")
    (directory / "signing.pub").write_text(text, encoding="ascii")
    with pytest.raises(SecretsMissing, match=r"signing\.pub is not an Ed25519") as refused:
        secrets.load_for_worker(directory)
    assert text not in str(refused.value) or not text


def test_while_a_rotation_is_unfinished_the_private_key_decides(directory: Path) -> None:
    before = secrets.load(directory).signing.public_key()
    (directory / "signing.pub").write_text("00" * 32, encoding="ascii")
    assert secrets.load_for_gateway(directory).signer == before


@pytest.mark.parametrize("text", ["", "00", "0f" * 31, "0f" * 33, "CANARY" * 10, "é" * 64])
def test_a_key_of_another_length_is_refused_and_not_shown(directory: Path, text: str) -> None:
    (directory / "kek").write_text(text, encoding="utf-8")
    with pytest.raises(SecretsMissing, match="is not 32 bytes in hex") as refused:
        secrets.load(directory)
    assert text not in str(refused.value) or not text
    assert refused.value.__cause__ is None
