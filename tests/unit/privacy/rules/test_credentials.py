"""Passwords, keys and access codes in prose, settings and tables."""

import pytest

from tests.support.detector import redacted_values


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("het wachtwoord van de nieuwe server is Zomer2024!", [("SECRET", "Zomer2024!")]),
        ("use the passphrase Tr0ub4dor&3 for it", [("SECRET", "Tr0ub4dor&3")]),
        ("pincode 4821", [("SECRET", "4821")]),
        ("hij gaf zijn pincode door: 7731.", [("SECRET", "7731")]),
        (
            "MOLLIE_KEY=live_Wq7TbR2mHx94NcKpVs8DyFzJ3aLgEu",
            [("SECRET", "live_Wq7TbR2mHx94NcKpVs8DyFzJ3aLgEu")],
        ),
        ("$mailer->login('nieuwsbrief', 'Zw@luw-Nest_88');", [("SECRET", "Zw@luw-Nest_88")]),
        ("the login is svc_door / Kestrel!Gorse19 so", [("SECRET", "Kestrel!Gorse19")]),
        ("Sleutelkluisje links van de deur, code 4719. Hond is lief", [("SECRET", "4719")]),
        ("BOEKHOUD_WEBHOOK=whs_5Rk8tYq1NcZ3uB", [("SECRET", "whs_5Rk8tYq1NcZ3uB")]),
        ("De alarmcode van het kantoor is vanaf vandaag 580417.", [("SECRET", "580417")]),
        ("Cupboard code changed to 2580X, don't write it down", [("SECRET", "2580X")]),
        ("sleutelkastje 4471): wond", [("SECRET", "4471")]),
        ("heeft de installateurscode 770316 doorgegeven", [("SECRET", "770316")]),
        ("key safe at the back, code is now C2580Y. He", [("SECRET", "C2580Y")]),
        (
            "Sleutelkastje hangt links naast de voordeur, code 8-0-2-6. Wifi",
            [("SECRET", "8-0-2-6")],
        ),
        ("the locker code is 4471. The", [("SECRET", "4471")]),
        (
            "the read replica creds are reporting / h7Qk-mallow-29x, rotate",
            [("SECRET", "h7Qk-mallow-29x")],
        ),
        (
            "ik kan er niet in, wachtwoord werkt niet. Feyenoord1908! is het toch",
            [("SECRET", "Feyenoord1908!")],
        ),
        (
            "log in with user maint / bladpunt-Borssele-19. The host",
            [("SECRET", "bladpunt-Borssele-19")],
        ),
        ("Remote support, password kies4tand\n", [("SECRET", "kies4tand")]),
        (
            "I put in my password and it said wrong. They were Daffodil.2024 and",
            [("SECRET", "Daffodil.2024")],
        ),
        (
            "the old PSK was there. New one is qF7-zzRk-29sLm-TT0w, typed",
            [("SECRET", "qF7-zzRk-29sLm-TT0w")],
        ),
        ("personeelswifi: Stamppot-1936-Rookworst\n", [("SECRET", "Stamppot-1936-Rookworst")]),
        ("Alarm achterdeur 4471# (na 20.00 u)", [("SECRET", "4471#")]),
        ("alarm uit binnen 30 sec: 0719#\n", [("SECRET", "0719#")]),
        ("kluisje: 83-14-22\n", [("SECRET", "83-14-22")]),
        ("safe 3x left 19-44-07\n", [("SECRET", "19-44-07")]),
        ("| Badge | PIN | Dept |\n|---|---|---|\n| 718 | 8820 | Vault |\n", [("SECRET", "8820")]),
        (
            "per ongeluk in de wiki: pk-live-8c1f40a7d2be4e61b930. Pagina",
            [("SECRET", "pk-live-8c1f40a7d2be4e61b930")],
        ),
        (
            "the wifi for the training room is BramleyGuest / orchard-Tuba-83 but",
            [("SECRET", "orchard-Tuba-83")],
        ),
        ("I set the PIN to 7306 for now", [("SECRET", "7306")]),
        (
            "The code for the back entrance of the depot is now 4815#, the old",
            [("SECRET", "4815#")],
        ),
        (
            "I set a temporary one for you: Tulp-Regen_4471. You must",
            [("SECRET", "Tulp-Regen_4471")],
        ),
        ("backup codes: 4471-0928 8810-3376\n", [("SECRET", "4471-0928 8810-3376")]),
        (
            "  secret_key: pV9s+Kd3xQm7Tz1LrBw0/EhYc8UjNf5Ga2oRiX6S\n",
            [("SECRET", "pV9s+Kd3xQm7Tz1LrBw0/EhYc8UjNf5Ga2oRiX6S")],
        ),
        ("wat was het wachtwoord?\n10:46: Ja, ScanMDL#0925. Niet", [("SECRET", "ScanMDL#0925")]),
        ("uw inlogcode voor Mijn Kluis is 408 117. geef", [("SECRET", "408 117")]),
        ("question: pp_sess=9d1f0c77e2ab4c5d8b. Source", [("SECRET", "9d1f0c77e2ab4c5d8b")]),
        (
            "anyone know the wifi password here? its Haggis_and_neeps_24 but",
            [("SECRET", "Haggis_and_neeps_24")],
        ),
    ],
)
def test_exactly_these_values_are_found(text: str, wanted: list[tuple[str, str]]) -> None:
    assert redacted_values(text) == wanted


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        (
            "Het wachtwoord van de server is tijdelijk gezet op Zomer!Regen88, graag wijzigen.",
            "SECRET",
            "Zomer!Regen88",
        ),
        (
            (
                "Kun je de API-sleutel vervangen? De huidige is Zk7Hq2ZtR9xVb4LwEoN1sKd8 en staat "
                "erin."
            ),
            "SECRET",
            "Zk7Hq2ZtR9xVb4LwEoN1sKd8",
        ),
        (
            "Gebruik mk_prod_7Hq2ZtR9xVb4LwEoN1sKd8 niet meer.",
            "SECRET",
            "mk_prod_7Hq2ZtR9xVb4LwEoN1sKd8",
        ),
        ("wifi voor de monteurs: lekkerdoorlekken\n", "SECRET", "lekkerdoorlekken"),
        ('the passphrase was "three blind badgers 04"', "SECRET", "three blind badgers 04"),
        ("u kunt naar binnen met het woord karnemelk", "SECRET", "karnemelk"),
        ("key safe behind blue pot, 1946, then pull down", "SECRET", "1946"),
        (
            "open https://members.swim.example/reset?t=1233ebaaf8bc026dc134beb6378c892f",
            "SECRET",
            "1233ebaaf8bc026dc134beb6378c892f",
        ),
        (
            "JWT_GEHEIM=0f9c1de27ab84437b6e15c90d2a8f34e",
            "SECRET",
            "0f9c1de27ab84437b6e15c90d2a8f34e",
        ),
    ],
)
def test_the_value_is_among_those_found(text: str, type_: str, value: str) -> None:
    assert (type_, value) in redacted_values(text)
