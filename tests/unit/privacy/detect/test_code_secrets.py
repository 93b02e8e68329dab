"""Secrets in source code: literals and settings are, expressions and identifiers are not."""

import pytest

from gateway.classifiers.protocol import Entity
from tests.support.detector import DETECTOR


def _secrets(text: str, part: str = "") -> list[str]:
    """Secrets of a text; the classifier takes ``part`` for one."""
    entities = []
    if part:
        start = text.index(part)
        entities = [Entity(start, start + len(part), "SECRET", 0.97)]
    return [text[f.start : f.end] for f in DETECTOR.scan(text, entities) if f.type == "SECRET"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('password = "Zomer2024!x"', "Zomer2024!x"),
        ("const wachtwoord = 'Zomer2024!x';", "Zomer2024!x"),
        ('static const char *PASSWORD = "Kl0mp!steiger9";', "Kl0mp!steiger9"),
        ('        config.setPassword("vR7$kaasmarkt.Edam");', "vR7$kaasmarkt.Edam"),
        ('    client.login("w.hekkema", "9vrijdag!Middag")?;', "9vrijdag!Middag"),
        ("PASSWORD=Zomer2024!x", "Zomer2024!x"),
        ("password = uN3-palet.Knol", "uN3-palet.Knol"),
        ("JWT_SECRET=q7ZtRm2Lp0uYx4WcVb9N", "q7ZtRm2Lp0uYx4WcVb9N"),
        (
            "SHARED_SECRET=37c304f8-51aa-419a-a1af-06154e63707a",
            "37c304f8-51aa-419a-a1af-06154e63707a",
        ),
        ("$ curl -u deploy:Spijker!kast77 https://registry.nl/v2", "Spijker!kast77"),
        ("$ sshpass -p Spijker!kast77 ssh root@host", "Spijker!kast77"),
        ("$ mysql -u root -pKx7#molenwiek orders", "Kx7#molenwiek"),
        ('engine = create_engine("postgresql://app:Kw8!veldpost@db2:5432/x")', "Kw8!veldpost"),
        ("-DB_PASSWORD=oude.Knotwilg_12", "oude.Knotwilg_12"),
        ("export A=$B && psql postgres://app:huntersecret@db.nl/prod", "huntersecret"),
        (
            "aws_secret_access_key = kZ7mQ2vXw9/LpR4tYb6NcJ8sHd+fGu3WeA5xTq1V",
            "kZ7mQ2vXw9/LpR4tYb6NcJ8sHd+fGu3WeA5xTq1V",
        ),
        (
            "env: AWS_SECRET_ACCESS_KEY=kZ7mQ2vXw9/LpR4tYb6NcJ8sHd+fGu3WeA5xTq1V",
            "kZ7mQ2vXw9/LpR4tYb6NcJ8sHd+fGu3WeA5xTq1V",
        ),
        ("CREATE ROLE report LOGIN PASSWORD 'Paardenbloem#31';", "Paardenbloem#31"),
    ],
)
def test_assigned_and_passed_secrets_are_found_by_rules(text: str, value: str) -> None:
    assert _secrets(text) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('os.environ["API_KEY"] = "q7ZtRm2Lp0uYx4WcVb9N"', "q7ZtRm2Lp0uYx4WcVb9N"),
        ("headers = {'X-Token': 'kiek4boe9zon'}", "kiek4boe9zon"),
        ('HANDLE = f("Tr0uw!zilver88")', "Tr0uw!zilver88"),
        ('    return unlock(door, "hK2pLe9vreesQ7Zz")', "hK2pLe9vreesQ7Zz"),
        ("# de sleutel is kiek4boe9zon", "kiek4boe9zon"),
        ("het is Zomer2024", "Zomer2024"),
        ("het wachtwoord is `ZomerRegenWolk`", "ZomerRegenWolk"),
        ("het is ZomerRegenWolk", "ZomerRegenWolk"),
        ("deploy --pass Zomer2024! && echo $HOME", "Zomer2024!"),
    ],
)
def test_secrets_of_the_classifier_in_code_are_kept(text: str, value: str) -> None:
    assert _secrets(text, value) == [value]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("        token = b64encode(userpass).decode()", "b64encode(userpass"),
        ("        password = auth_info[2]", "auth_info[2"),
        ('        self.password = click.prompt("Password", hide_input=True)', "click.prompt("),
        ("    password: ClassVar[bool] = False", "ClassVar[bool"),
        ("    token = self.parse_docstring", "self.parse_docstring"),
        ("const fastpass = zcore.compileFastpass(base64);", "zcore.compileFastpass"),
        ("  readonly publicKey: Uint8Array", "Uint8Array"),
        ("self.decompressobj = bz2.BZ2Decompressor()", "bz2.BZ2Decompressor"),
        ("if (hasErrors && !dryRun) {", "hasErrors && !dryRun"),
        ("v_lock_iter := v_lock_iter + 1;", "v_lock_iter + 1"),
        ("  /// function passes should call FunctionPass::skipFunction().", ""),
        ("password == other.confirmNewPassword", ""),
        ("secret_share = secretPart1/secretPart2+secretPart3", ""),
        ("token_rate = tokensOfMinute1/tokensOfMinute2+tokensOfMinute3", ""),
        ("A cron expression, for example 57 8 * * 1-5.", "57 8"),
        ('    alnum: "a-zA-Z0-9",', "a-zA-Z0-9"),
        ('ALPHABET = "abcdefghijklmnopqrstuvwxyz"', "abcdefghijklmnopqrstuvwxyz"),
        (
            "request 5f0c1d3e-8a7b-4c6d-9e2f-0a1b2c3d4e5f done",
            "5f0c1d3e-8a7b-4c6d-9e2f-0a1b2c3d4e5f",
        ),
        ("shard=4 key=5f0c1d3e-8a7b-4c6d-9e2f-0a1b2c3d4e5f", ""),
        ("const key = 'user-123';", ""),
        ('import{t as e}from"./isArrayLike.Crw2F5li.js"', "isArrayLike.Crw2F5li.js"),
        ('["path",{d:"M19 12H5",key:"x3x0zl"}]', "x3x0zl"),
        ("CFLAGS='-g -O2 -fno-unit-at-a-time -pipe'", "-g -O2 -fno-unit-at-a-time -pipe"),
        ("alias ping6='ping6 -c 5'", "ping6 -c 5"),
        ("// Reproduces GHSA-63mc-hw7g-86rr", "GHSA-63mc-hw7g-86rr"),
        ("see pypa/distutils#304", "distutils#304"),
        ("a stream with the `RawTokenLexer`, see below", "RawTokenLexer"),
        ('    .named("JsonObject#asMap")', "JsonObject#asMap"),
        ("    TReturn,", "TReturn"),
        ('expect(error?.name).toBe("AuthRetryableFetchError")', "AuthRetryableFetchError"),
        ('VALID = "SGVsbG8gV29ybGQgb3V0IHRoZXJl"', "SGVsbG8gV29ybGQgb3V0IHRoZXJl"),
        ("DATABASE_URL=postgres://postgres:postgres@db:5432/app", ""),
        ("fetch('https://user:pass@example.com/api')", ""),
        ("[INFO] user=jdevries action=login ip=84.241.17.203", ""),
        ('    message="Hooray! It has been updated"', "Hooray"),
    ],
)
def test_expressions_and_plain_values_are_no_secrets(text: str, part: str) -> None:
    assert _secrets(text, part) == []


@pytest.mark.parametrize(
    "text",
    [
        "ghp_k7Lm2Qx9Rt4Vz6Wb8Nc1Yd3Fg5Hj0PsAeTuI",
        "AKIA4R7TQ2MXVN6LPZKD",
        "sk_live_51KqZ8RvTn3WxYb7Lm2PcJdHs",
    ],
)
def test_a_key_of_a_provider_is_found_on_any_line(text: str) -> None:
    for line in (f"return {text};", f"f(x, {text})[0]", f'"{text}",', f"# {text}", text):
        assert _secrets(line) == [text]
