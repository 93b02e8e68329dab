#!/usr/bin/env python3
"""Verifies an export of the audit trail. Stands alone: Python 3.9 or later, standard library only.

    python3 verify.py EXPORT.zip --key signing.pub

Exit codes: 0 all of it holds, 1 tampered, 2 incomplete or unreadable, 3 unknown key.
It reads the package as a stream, unpacks nothing and writes nothing.
"""

import argparse
import base64
import datetime
import hashlib
import json
import locale
import os
import re
import struct
import sys
import zipfile
import zlib

OK, TAMPERED, INCOMPLETE, UNKNOWN_KEY = 0, 1, 2, 3
FORMAT, OLDER = "sluis-export-4", "sluis-export-3"
# What every profile opens: the fields by which entries are filtered, and what expiry says of itself.
ALWAYS = {"deployment", "level", "outcome", "removed", "until", "zone"}
# What entries can be selected by; the event stands in the leaf.
SELECTING = {"deployment", "event", "level", "outcome", "zone"}
# What metadata packages keep closed.
PERSONAL = {
    "asserted_user",
    "author",
    "body_sha256",
    "digest",
    "dropped",
    "key",
    "model",
    "name",
    "network",
    "principal",
    "proposed_by",
    "reason",
    "registered_by",
    "requested_by",
    "requests",
    "roles",
    "team",
    "team_of_key",
    "unread",
}
# Who records that something is gone: entries of this log, by the event, with names of what they count.
RECORDING = "control"
EVENTS = {
    "control:retention:expire": "expired",
    "subject:values:erase": "erased",
    "subject:values:replay": "erased",
}
KEY = b"sluis data key v1\x00"  # what a commitment to a data key begins with
COUNTED = {"values": "disclosures", "bodies": "bodies"}
PARTS = ("manifest.json", "manifest.sig", "entries.jsonl", "checkpoint.txt", "proof.json")
UNSIGNED = ("manifest.json", "manifest.sig")
MAX_PART = 64 * 1024**3
MAX_SMALL = 32 * 1024**2  # of parts that are read in one piece
MAX_NAMES = 1000
MAX_RATIO = 400  # of what a part is unpacked to what it is packed, with some slack
MAX_SLACK = 400 * 1024
MAX_LINE = 4 * 1024**2
MAX_BODY = 64 * 1024**2  # of a line with a stored body
MAX_NAMED = 8
MAX_NOTES = 100  # in one part: each signature takes some milliseconds
MAX_SHOWN = 200
MAX_SIZE = 2**62
MAX_STAMP = 65536
BLOCK = 1 << 18
NAME = re.compile(r"\w[\w.+-]*(/\w[\w.+-]*)*", re.ASCII)
ZIP_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    IndexError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
)

TEXTS = {
    "en": {
        "TAMPERED": "TAMPERED",
        "INCOMPLETE": "INCOMPLETE",
        "UNKNOWN_KEY": "UNKNOWN KEY",
        "no_zip": "the file cannot be read as a zip file ({why})",
        "twice": "{name} stands in the package twice",
        "path": "{name} is no name that a part can have: it could point outside the package",
        "bomb": "{name} is larger than any honest part",
        "packed": "{name} is packed or locked in a way that no export uses",
        "missing": "missing from the package: {name}",
        "unreadable": "{name} cannot be read ({why})",
        "malformed": "{name} is not what it should be",
        "other_key": "the package is signed with another key than the one that was given, and no "
        "chain of keys leads from one to the other",
        "bad_link": "the chain of keys does not hold: a hand-over lacks a good signature",
        "manifest_signature": "the signature of the manifest does not hold",
        "format": "the package is of the format {name}, which this verifier does not know",
        "counts": "the counts of the manifest do not add up",
        "unlisted": "{name} is not listed in the manifest",
        "changed": "{name} was changed",
        "line": "line {number} of the entries cannot be read",
        "stray": "line {number}: log {log} is not in the manifest",
        "follows": "line {number}: entry {seq} of log {log} does not follow its forerunner: an "
        "entry was removed, added, moved or changed",
        "value": "line {number}: a value is not the one that was recorded, is left out, or is one "
        "that the profile withholds",
        "body": "line {number}: a stored body is not the one that was recorded, or is left out",
        "profile": "the package does not keep to the profile {name} that it claims",
        "record": "entry {entry} of the log control does not record what the package says of it: "
        "that values or bodies are gone",
        "record_less": "entry {entry} of the log control records that fewer, or only older, values "
        "or bodies went than the package says",
        "fewer": "entries are missing: {found} instead of {wanted}",
        "more": "there are more entries than the manifest says",
        "end": "log {log} does not end where the manifest says",
        "outside": "the proof of what lies beside the entries does not fit",
        "other_tree": "the entries are not those of the signed tree",
        "checkpoint_signature": "{name} is not signed by a key of this log",
        "checkpoint": "the checkpoint is of another tree",
        "growth": "the log is not a continuation of the checkpoint in {name}",
        "fork": "a witness file holds another tree of {size} entries, signed by this log: there "
        "were two histories",
        "stamps": "the time stamps in the package are not those that the proofs speak of",
        "stamp": "{name} is not a time stamp over the note beside it",
        "no_key": "the key file cannot be read, or does not hold an Ed25519 public key",
        "no_witness_key": "a file with keys of witnesses cannot be read, or holds another kind of "
        "key",
        "no_witness_file": "a witness file cannot be read",
        "no_chain": "the file with the chain of keys cannot be read",
        "unwitnessed": "no witness that you trust has seen this period: nothing that was given "
        "with --witness-key or --witness-file covers it",
        "partly": "a witness that you trust has seen this period only in part: entries {after} to "
        "{end} of the log are unwitnessed, from {time} on",
        "holds": "HOLDS: {count} entries of {logs} logs are complete, in order and unchanged.",
        "range": "They are entries {first} to {end} of the {size} that the log had when it was "
        "signed.",
        "range_none": "There are no entries in this period; the log had {size} when it was signed.",
        "selected": "SELECTION {where}: {selected} of {count} entries are of it; what is said "
        "below of values and bodies holds for them. Of the others just the fields that entries are "
        "selected by are opened, so it is proven that none of the selection is left out.",
        "selected_gone": "Of {unknown} entries nobody can tell whether they are of the selection: "
        "their values are gone.",
        "profile_older": "The package is of an older form: all recorded values are disclosed, "
        "stored bodies are not in it.",
        "profile_metadata": "PROFILE metadata: {withheld} values that could point at a person are "
        "withheld. They stand in the entries as commitments, so that nothing else can be shown in "
        "their place later.",
        "withheld_other": "Among them are fields that this verifier does not know to be personal: "
        "{fields}.",
        "profile_pseudonymised": "PROFILE pseudonymised: all recorded values are disclosed, people "
        "under pseudonyms; stored bodies are not in the package.",
        "profile_full": "PROFILE full: all recorded values, and {bodies} stored bodies: personal "
        "data, to be kept as such. Each body is the one that its entry committed to. A second "
        "person released the package, the operator says (proposal {approval}).",
        "missing_values": "The values of {count} entries are not in the package, and no entry is "
        "named that says why. That the entries existed, and when, is proven.",
        "missing_bodies": "The bodies of {count} entries are not in the package, and no entry is "
        "named that says why.",
        "expired_values": "The values of {count} entries have expired: see entry {entries} of the "
        "log control, in this package. That the entries existed, and when, is proven.",
        "expired_values_outside": "The values of {count} entries have expired, the operator says: "
        "see entry {entries} of the log control, outside of this package.",
        "expired_values_open": "The values of {count} entries have expired, the operator says: the "
        "entry that records it was not written yet.",
        "expired_bodies": "The bodies of {count} entries have expired: see entry {entries} of the "
        "log control, in this package.",
        "expired_bodies_outside": "The bodies of {count} entries have expired, the operator says: "
        "see entry {entries} of the log control, outside of this package.",
        "expired_bodies_open": "The bodies of {count} entries have expired, the operator says: the "
        "entry that records it was not written yet.",
        "erased_values": "The values of {count} entries were erased for a person: see entry "
        "{entries} of the log control, in this package. That the entries existed, and when, is "
        "proven.",
        "erased_values_outside": "The values of {count} entries were erased for a person, the "
        "operator says: see entry {entries} of the log control, outside of this package.",
        "erased_bodies": "The bodies of {count} entries were erased for a person: see entry "
        "{entries} of the log control, in this package.",
        "erased_bodies_outside": "The bodies of {count} entries were erased for a person, the "
        "operator says: see entry {entries} of the log control, outside of this package.",
        "policies": "The policies by which these entries were decided are in the package ({count} "
        "bundles, each the one that entries name).",
        "policies_missing": "The policies of {count} bundles that entries name are not in the "
        "package: {digests}.",
        "grown": "The log is a continuation of what was signed before this period ({old} entries).",
        "not_grown": "No checkpoint from before this period is in the package.",
        "chained": "It is signed with a successor of the given key, or a forerunner; the chain "
        "holds.",
        "witnessed": "WITNESSED: {name} saw the whole period, at the latest at {time}.",
        "witnessed_file": "WITNESSED: the witness file holds a signed head over the whole period.",
        "claims": "UNWITNESSED as far as you know: the operator names as witness {names}. Check "
        "that with --witness-key (keys of witnesses) or --witness-file (what a witness kept).",
        "claims_none": "UNWITNESSED: no witness has seen this period.",
        "unwitnessed_part": "UNWITNESSED from entry {after} of the log on ({time}), up to {end}.",
        "unwitnessed_all": "UNWITNESSED: no witness that you trust has seen this period.",
        "stamped": "TIME STAMP {name}, of {time}: the signed head over {size} entries, which hold "
        "the whole period.",
        "stamped_part": "TIME STAMP {name}, of {time}: the signed head over {size} entries, which "
        "do not hold the whole period.",
        "stamps_unchecked": "Whose time stamps they are is not checked here. Take them out of the "
        "package, with the .txt beside each: openssl ts -verify -data 1.txt -in 1.tsr -CAfile "
        "CERTIFICATES-OF-THE-TSA.pem",
        "not_proven": "Not proven: that nothing bypassed the gateway, and that its clock was "
        "right.",
        "not_proven_history": "Not proven either, for what is unwitnessed: that the operator did "
        "not rebuild the whole history.",
    },
    "nl": {
        "TAMPERED": "GEWIJZIGD",
        "INCOMPLETE": "ONVOLLEDIG",
        "UNKNOWN_KEY": "ONBEKENDE SLEUTEL",
        "no_zip": "het bestand is niet als zipbestand te lezen ({why})",
        "twice": "{name} staat twee keer in het pakket",
        "path": "{name} is geen naam die een onderdeel kan hebben: hij kan buiten het pakket "
        "wijzen",
        "bomb": "{name} is groter dan enig eerlijk onderdeel",
        "packed": "{name} is ingepakt of vergrendeld op een manier die geen export gebruikt",
        "missing": "ontbreekt in het pakket: {name}",
        "unreadable": "{name} is niet te lezen ({why})",
        "malformed": "{name} is niet wat het moet zijn",
        "other_key": "het pakket is met een andere sleutel ondertekend dan de gegeven sleutel, en "
        "geen keten van sleutels leidt van de een naar de ander",
        "bad_link": "de keten van sleutels klopt niet: een overdracht mist een goede handtekening",
        "manifest_signature": "de handtekening van het manifest klopt niet",
        "format": "het pakket heeft de vorm {name}, die dit controleprogramma niet kent",
        "counts": "de aantallen van het manifest kloppen niet met elkaar",
        "unlisted": "{name} staat niet in het manifest",
        "changed": "{name} is gewijzigd",
        "line": "regel {number} is niet te lezen",
        "stray": "regel {number}: logboek {log} staat niet in het manifest",
        "follows": "regel {number}: regel {seq} van logboek {log} sluit niet aan op zijn "
        "voorganger: er is een regel verwijderd, toegevoegd, verplaatst of gewijzigd",
        "value": "regel {number}: een waarde is niet wat is vastgelegd, is weggelaten, of is er "
        "een die het profiel achterhoudt",
        "body": "regel {number}: een bewaarde tekst is niet wat is vastgelegd, of is weggelaten",
        "profile": "het pakket houdt zich niet aan het profiel {name} dat het zegt te hebben",
        "record": "regel {entry} van het logboek control legt niet vast wat het pakket ervan zegt: "
        "dat waarden of teksten weg zijn",
        "record_less": "regel {entry} van het logboek control legt vast dat er minder, of alleen "
        "oudere, waarden of teksten weg zijn dan het pakket zegt",
        "fewer": "er ontbreken regels: {found} in plaats van {wanted}",
        "more": "er zijn meer regels dan het manifest zegt",
        "end": "logboek {log} eindigt niet waar het manifest zegt",
        "outside": "het bewijs van wat naast de regels ligt past niet",
        "other_tree": "de regels zijn niet die van de ondertekende boom",
        "checkpoint_signature": "{name} is niet ondertekend met een sleutel van dit logboek",
        "checkpoint": "het ijkpunt is van een andere boom",
        "growth": "het logboek is geen voortzetting van het ijkpunt in {name}",
        "fork": "een getuigenbestand heeft een andere boom van {size} regels, ondertekend door dit "
        "logboek: er waren twee geschiedenissen",
        "stamps": "de tijdstempels in het pakket zijn niet die waarvan de bewijzen spreken",
        "stamp": "{name} is geen tijdstempel over de tekst ernaast",
        "no_key": "het sleutelbestand is niet te lezen, of bevat geen openbare Ed25519-sleutel",
        "no_witness_key": "een bestand met sleutels van getuigen is niet te lezen, of bevat een "
        "ander soort sleutel",
        "no_witness_file": "een getuigenbestand is niet te lezen",
        "no_chain": "het bestand met de keten van sleutels is niet te lezen",
        "unwitnessed": "geen getuige die u vertrouwt heeft deze periode gezien: niets wat met "
        "--witness-key of --witness-file is gegeven dekt haar",
        "partly": "een getuige die u vertrouwt heeft deze periode maar voor een deel gezien: "
        "regels {after} tot en met {end} van het logboek hebben geen getuige, vanaf {time}",
        "holds": "KLOPT: {count} regels van {logs} logboeken zijn volledig, op volgorde en "
        "ongewijzigd.",
        "range": "Het zijn regels {first} tot en met {end} van de {size} die het logboek bij het "
        "ondertekenen had.",
        "range_none": "In deze periode zijn er geen regels; het logboek had er bij het "
        "ondertekenen {size}.",
        "selected": "SELECTIE {where}: {selected} van {count} regels horen erbij; wat hieronder "
        "over waarden en teksten staat geldt daarvoor. Van de andere zijn alleen de velden geopend "
        "waarop wordt geselecteerd, zodat bewezen is dat er niets van de selectie is weggelaten.",
        "selected_gone": "Van {unknown} regels is niet te zeggen of zij bij de selectie horen: hun "
        "waarden zijn er niet meer.",
        "profile_older": "Het pakket is van een oudere vorm: alle vastgelegde waarden zijn "
        "getoond, bewaarde teksten zitten er niet in.",
        "profile_metadata": "PROFIEL metadata: {withheld} waarden die naar een persoon kunnen "
        "wijzen zijn achtergehouden. Hun zegel staat in de regels, zodat er later niets anders "
        "voor in de plaats komt.",
        "withheld_other": "Daaronder zijn velden waarvan dit controleprogramma niet weet dat zij "
        "persoonlijk zijn: {fields}.",
        "profile_pseudonymised": "PROFIEL gepseudonimiseerd: alle vastgelegde waarden zijn "
        "getoond, personen onder een pseudoniem; bewaarde teksten zitten niet in het pakket.",
        "profile_full": "PROFIEL volledig: alle vastgelegde waarden, en {bodies} bewaarde teksten: "
        "persoonsgegevens, en zo te behandelen. Elke tekst is die waaraan zijn regel gebonden is. "
        "Een tweede persoon gaf het pakket vrij, zegt de beheerder (voorstel {approval}).",
        "missing_values": "De waarden van {count} regels zitten niet in het pakket, en geen regel "
        "wordt genoemd die zegt waarom. Dat de regels er waren, en wanneer, is bewezen.",
        "missing_bodies": "De teksten van {count} regels zitten niet in het pakket, en geen regel "
        "wordt genoemd die zegt waarom.",
        "expired_values": "De waarden van {count} regels zijn verlopen: zie regel {entries} van "
        "het logboek control, in dit pakket. Dat de regels er waren, en wanneer, is bewezen.",
        "expired_values_outside": "De waarden van {count} regels zijn verlopen, zegt de beheerder: "
        "zie regel {entries} van het logboek control, buiten dit pakket.",
        "expired_values_open": "De waarden van {count} regels zijn verlopen, zegt de beheerder: de "
        "regel die dat vastlegt was nog niet geschreven.",
        "expired_bodies": "De teksten van {count} regels zijn verlopen: zie regel {entries} van "
        "het logboek control, in dit pakket.",
        "expired_bodies_outside": "De teksten van {count} regels zijn verlopen, zegt de beheerder: "
        "zie regel {entries} van het logboek control, buiten dit pakket.",
        "expired_bodies_open": "De teksten van {count} regels zijn verlopen, zegt de beheerder: de "
        "regel die dat vastlegt was nog niet geschreven.",
        "erased_values": "De waarden van {count} regels zijn voor een persoon gewist: zie regel "
        "{entries} van het logboek control, in dit pakket. Dat de regels er waren, en wanneer, is "
        "bewezen.",
        "erased_values_outside": "De waarden van {count} regels zijn voor een persoon gewist, zegt "
        "de beheerder: zie regel {entries} van het logboek control, buiten dit pakket.",
        "erased_bodies": "De teksten van {count} regels zijn voor een persoon gewist: zie regel "
        "{entries} van het logboek control, in dit pakket.",
        "erased_bodies_outside": "De teksten van {count} regels zijn voor een persoon gewist, zegt "
        "de beheerder: zie regel {entries} van het logboek control, buiten dit pakket.",
        "policies": "Het beleid waarnaar deze regels verwijzen zit in het pakket ({count} bundels, "
        "elk precies de genoemde).",
        "policies_missing": "Het beleid van {count} bundels die regels noemen zit niet in het "
        "pakket: {digests}.",
        "grown": "Het logboek is een voortzetting van wat voor deze periode is ondertekend ({old} "
        "regels).",
        "not_grown": "Er zit geen ijkpunt van voor deze periode in het pakket.",
        "chained": "Het is ondertekend met een opvolger of voorganger van de gegeven sleutel; de "
        "keten klopt.",
        "witnessed": "MET GETUIGE: {name} zag de hele periode, uiterlijk op {time}.",
        "witnessed_file": "MET GETUIGE: het getuigenbestand heeft een ondertekend hoofd over de "
        "hele periode.",
        "claims": "ZONDER GETUIGE voor zover u weet: de beheerder noemt als getuige {names}. "
        "Controleer dat met --witness-key (sleutels van getuigen) of --witness-file (wat een "
        "getuige bewaarde).",
        "claims_none": "ZONDER GETUIGE: geen getuige heeft deze periode gezien.",
        "unwitnessed_part": "ZONDER GETUIGE vanaf regel {after} van het logboek ({time}), tot en "
        "met {end}.",
        "unwitnessed_all": "ZONDER GETUIGE: geen getuige die u vertrouwt heeft deze periode "
        "gezien.",
        "stamped": "TIJDSTEMPEL {name}, van {time}: het ondertekende hoofd over {size} regels, met "
        "de hele periode daarin.",
        "stamped_part": "TIJDSTEMPEL {name}, van {time}: het ondertekende hoofd over {size} "
        "regels, waar niet de hele periode in zit.",
        "stamps_unchecked": "Van wie de tijdstempels zijn wordt hier niet gecontroleerd. Haal ze "
        "uit het pakket, met de .txt ernaast: openssl ts -verify -data 1.txt -in 1.tsr -CAfile "
        "CERTIFICATEN-VAN-DE-TSA.pem",
        "not_proven": "Niet bewezen: dat niets buiten de gateway om ging, en dat de klok juist "
        "liep.",
        "not_proven_history": "Ook niet bewezen, voor wat zonder getuige is: dat de beheerder niet "
        "de hele geschiedenis opnieuw opbouwde.",
    },
}


class VerificationError(Exception):
    """What is wrong: the exit code that says of which kind it is, and the words for it."""

    def __init__(self, code, what, **facts):
        self.code, self.what, self.facts = code, what, facts

    def words(self, language):
        return said(language, self.what, **self.facts)


def said(language, what, **facts):
    """A line in a language; what comes from the package cannot act on the terminal."""
    plain = {name: shown(value) for name, value in facts.items()}
    return TEXTS[language][what].format(**plain)


def shown(value):
    text = ascii(str(value)[:MAX_SHOWN])[1:-1]
    return text.replace("\\\\", "\\")


# Ed25519 (RFC 8032, section 5.1), verification only. Constants are those of the curve.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, P // 4, P)


def _recover(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, P // 8 + 1, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def _add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


BASE = _recover(bytes.fromhex("5866666666666666666666666666666666666666666666666666666666666666"))


def signature_holds(public, message, signature):
    """Whether an Ed25519 signature is good."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = _recover(public), _recover(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % L
    return _same(_times(s, BASE), _add(r, _times(k, key)))


# Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
NOTE_KEY, COSIGNATURE = b"\x01", b"\x04"
DASH = "\u2014 "


def parse_notes(lines):
    """Body and signature lines of the notes that stand one after another; what is none is passed."""
    body, signatures, ended = [], [], False
    for line in lines:
        line = line.rstrip("\n")
        if ended and line.startswith(DASH):
            signatures.append(line)
            continue
        if signatures:
            yield "\n".join(body) + "\n", signatures
        if signatures or (ended and line):
            body, signatures, ended = [], [], False
        if line:
            body.append(line)
        else:
            ended = bool(body)
    if signatures:
        yield "\n".join(body) + "\n", signatures


def signatures_by(signatures, name, public, kind):
    """The signatures that say they are of that name and key."""
    wanted = hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]
    for line in signatures:
        signer, _, encoded = line[len(DASH) :].rpartition(" ")
        try:
            blob = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue
        if signer == name and blob[:4] == wanted:
            yield blob[4:]


def note_signed(body, signatures, name, keys):
    """Whether one of the keys signed a note under that name."""
    return any(
        signature_holds(key, body.encode(), blob)
        for key in keys
        for blob in signatures_by(signatures, name, key, NOTE_KEY)
    )


def cosigned(body, signatures, witnesses):
    """Name and time of each good cosignature by a trusted witness."""
    for name, key in witnesses:
        for blob in signatures_by(signatures, name, key, COSIGNATURE):
            time = int.from_bytes(blob[:8], "big")
            message = "cosignature/v1\ntime %d\n%s" % (time, body)
            if signature_holds(key, message.encode(), blob[8:]):
                yield name, time


def parse_checkpoint(body):
    """Origin, size and head that a checkpoint states; ValueError when it is none."""
    origin, size, head = body.split("\n")[:3]
    if not re.fullmatch("[0-9]{1,18}", size):
        raise ValueError
    return origin, int(size), base64.b64decode(head, validate=True)


LINK = re.compile("(.+)/signing-key\nold ([0-9a-f]{64})\nnew ([0-9a-f]{64})\ntime [0-9]+\n")


def trusted_keys(public, texts):
    """The given key, and all that it handed over to or took over from.

    A hand-over holds only when the old key and the new one both have signed it.
    """
    notes = [note for text in texts for note in parse_notes(text.split("\n"))]
    links = []
    for body, signatures in notes:
        link = LINK.fullmatch(body)
        if not link or len(notes) > MAX_NOTES:
            raise VerificationError(UNKNOWN_KEY, "bad_link")
        pair = [bytes.fromhex(one) for one in link.group(2, 3)]
        if not all(note_signed(body, signatures, link.group(1), [key]) for key in pair):
            raise VerificationError(UNKNOWN_KEY, "bad_link")
        links.append(pair)
    keys, seen = {public}, 0
    while len(keys) > seen:
        seen = len(keys)
        for old, new in links:
            if old in keys or new in keys:
                keys |= {old, new}
    return keys


# Time stamps: answers of a TSA (RFC 3161) in DER. Their signatures are for `openssl ts -verify`.
INTEGER, OCTETS, OBJECT, MOMENT, SEQUENCE, SET, INSIDE = 2, 4, 6, 24, 48, 49, 160
GRANTED, FIRST_VERSION = b"\x00", b"\x01"
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TIME_STAMP = bytes.fromhex("2a864886f70d0109100104")
SHA_256 = bytes.fromhex("608648016503040201")
LONG = (128, 256)  # what a length is at least that takes one further byte, or two
CLOCK = re.compile(rb"([0-9]{14})(\.[0-9]+)?Z")


def elements(data):
    """Tags and contents of the DER elements that make up a text; ValueError or IndexError for none."""
    found, at = [], 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size > 127:
            more = size - 128
            size, at = int.from_bytes(data[at : at + more], "big"), at + more
            if size < LONG[more - 1]:
                raise ValueError
        if at + size > len(data):
            raise ValueError
        found.append((tag, data[at : at + size]))
        at += size
    return found


def within(data, *tags, more=False):
    """The contents of the elements with these tags, which is all there is, or the beginning if ``more``."""
    found = elements(data)
    if not more and len(found) > len(tags):
        raise ValueError
    if [tag for tag, _ in found[: len(tags)]] != list(tags):
        raise ValueError
    return [content for _, content in found[: len(tags)]]


def stamp(data):
    """The SHA-256 that was stamped, and when, in words; ValueError or IndexError when it is no such answer."""
    if len(data) > MAX_STAMP:
        raise ValueError
    (answer,) = within(data, SEQUENCE)
    status, token = within(answer, SEQUENCE, SEQUENCE)
    (granted,) = within(status, INTEGER, more=True)
    kind, wrapped = within(token, OBJECT, INSIDE)
    (signed,) = within(wrapped, SEQUENCE)
    _, _, content = within(signed, INTEGER, SET, SEQUENCE, more=True)
    form, wrapped = within(content, OBJECT, INSIDE)
    (octets,) = within(wrapped, OCTETS)
    (info,) = within(octets, SEQUENCE)
    fields = within(info, INTEGER, OBJECT, SEQUENCE, INTEGER, MOMENT, more=True)
    version, _, imprint, _, clock = fields
    algorithm, digest = within(imprint, SEQUENCE, OCTETS)
    (hashed,) = within(algorithm, OBJECT, more=True)
    said = (granted, kind, form, version, hashed)
    if said != (GRANTED, SIGNED_DATA, TIME_STAMP, FIRST_VERSION, SHA_256):
        raise ValueError
    time = CLOCK.fullmatch(clock)
    if not time:
        raise ValueError
    when = datetime.datetime.strptime(time.group(1).decode(), "%Y%m%d%H%M%S")
    return digest, when.strftime("%Y-%m-%d %H:%M:%S UTC")


# AES-256 (FIPS 197), and what AES-GCM does with a text (SP 800-38D, section 6.5).


def _s_box():
    box, p, q = {0: 99}, 1, 1
    while True:
        p ^= p << 1 ^ (283 if p & 128 else 0)
        q ^= q << 1
        q ^= q << 2
        q = (q ^ q << 4) & 255
        q ^= 9 if q & 128 else 0
        mixed = q ^ q << 1 ^ q << 2 ^ q << 3 ^ q << 4
        box[p] = (mixed ^ mixed >> 8) & 255 ^ 99
        if p == 1:
            return [box[value] for value in range(256)]


def _columns(box):
    """What a byte adds to a column: through the box, then mixed."""
    for value in box:
        double = value << 1 ^ (283 if value & 128 else 0)
        yield double << 24 | value << 16 | value << 8 | double ^ value


def _turned(table):
    return [word >> 8 | (word & 255) << 24 for word in table]


BOX = _s_box()
T0 = list(_columns(BOX))
T1 = _turned(T0)
T2 = _turned(T1)
T3 = _turned(T2)


def _boxed(a, b, c, d):
    """A word of four bytes through the box: the first of ``a``, the second of ``b`` and so on."""
    return BOX[a >> 24] << 24 | BOX[b >> 16 & 255] << 16 | BOX[c >> 8 & 255] << 8 | BOX[d & 255]


def _schedule(key):
    """Four words for each round."""
    words, constant = list(struct.unpack(">8I", key)), 1
    for at in range(8, 60):
        word = words[at - 1]
        if at % 8 == 0:
            word = (word << 8 | word >> 24) & 0xFFFFFFFF
            word = _boxed(word, word, word, word) ^ constant << 24
            constant <<= 1
        elif at % 8 == 4:
            word = _boxed(word, word, word, word)
        words.append(words[at - 8] ^ word)
    return [words[at : at + 4] for at in range(0, len(words), 4)]


def _encrypted(rounds, block):
    """One block."""
    a, b, c, d = (word ^ mask for word, mask in zip(struct.unpack(">4I", block), rounds[0]))
    for j, k, l, m in rounds[1:-1]:
        a, b, c, d = (
            T0[a >> 24] ^ T1[b >> 16 & 255] ^ T2[c >> 8 & 255] ^ T3[d & 255] ^ j,
            T0[b >> 24] ^ T1[c >> 16 & 255] ^ T2[d >> 8 & 255] ^ T3[a & 255] ^ k,
            T0[c >> 24] ^ T1[d >> 16 & 255] ^ T2[a >> 8 & 255] ^ T3[b & 255] ^ l,
            T0[d >> 24] ^ T1[a >> 16 & 255] ^ T2[b >> 8 & 255] ^ T3[c & 255] ^ m,
        )
    last = (_boxed(a, b, c, d), _boxed(b, c, d, a), _boxed(c, d, a, b), _boxed(d, a, b, c))
    return struct.pack(">4I", *(word ^ mask for word, mask in zip(last, rounds[-1])))


def hidden(key, nonce, text):
    """A text as AES-256-GCM encrypts it, without the tag."""
    rounds, size = _schedule(key), len(text)
    counted = (nonce + (at // 16 + 2).to_bytes(4, "big") for at in range(0, size, 16))
    stream = b"".join(_encrypted(rounds, block) for block in counted)[:size]
    whole = int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")
    return whole.to_bytes(size, "big")


# The Merkle tree (RFC 6962, section 2.1).


def joined(left, right):
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def folded(subtrees):
    """The tree head from the whole subtrees that the tree is made of, the largest first."""
    if not subtrees:
        return hashlib.sha256().digest()
    head = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        head = joined(left, head)
    return head


def head_of(subtrees, behind, end, size):
    """The tree head from the subtrees of the first ``end`` leaves and the heads of all behind them."""
    if end == size:
        return folded(subtrees)
    left = iter(subtrees)

    def head(low, high):
        if high <= end:
            return next(left)
        if low >= end:
            return next(behind)
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        return joined(head(low, middle), head(middle, high))

    return head(0, size)


def heads_of_growth(old, new, old_head, proof):
    """Both heads that a consistency proof leads to (RFC 9162, section 2.1.4.2)."""
    steps = iter([old_head, *proof] if old & (old - 1) == 0 else proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = next(steps)
    for step in steps:
        if not last:
            raise StopIteration
        if place & 1 or place == last:
            first, second = joined(step, first), joined(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = joined(second, step)
        place, last = place >> 1, last >> 1
    if last:
        raise StopIteration
    return first, second


# The package.


def open_package(path):
    """The zip, after checks that make it safe to read."""
    try:
        package = zipfile.ZipFile(path)
        infos = package.infolist()
    except ZIP_ERRORS as error:
        raise VerificationError(INCOMPLETE, "no_zip", why=type(error).__name__)
    names = set()
    for info in infos:
        name = info.filename
        if name in names:
            raise VerificationError(TAMPERED, "twice", name=name)
        names.add(name)
        if not NAME.fullmatch(name) or len(names) > MAX_NAMES:
            raise VerificationError(TAMPERED, "path", name=name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise VerificationError(TAMPERED, "packed", name=name)
        if info.flag_bits & 1:
            raise VerificationError(TAMPERED, "packed", name=name)
        if info.file_size > MAX_PART or info.file_size > MAX_RATIO * info.compress_size + MAX_SLACK:
            raise VerificationError(TAMPERED, "bomb", name=name)
    for name in PARTS:
        if name not in names:
            raise VerificationError(INCOMPLETE, "missing", name=name)
    return package


def read_part(package, name):
    """A part in one piece."""
    if package.getinfo(name).file_size > MAX_SMALL:
        raise VerificationError(TAMPERED, "bomb", name=name)
    try:
        return package.read(name)
    except ZIP_ERRORS as error:
        raise VerificationError(INCOMPLETE, "unreadable", name=name, why=type(error).__name__)


def blocks(package, name):
    """A part piece by piece."""
    try:
        with package.open(name) as part:
            block = part.read(BLOCK)
            while block:
                yield block
                block = part.read(BLOCK)
    except ZIP_ERRORS as error:
        raise VerificationError(INCOMPLETE, "unreadable", name=name, why=type(error).__name__)


def read_text(package, name):
    try:
        return read_part(package, name).decode()
    except UnicodeDecodeError:
        raise VerificationError(TAMPERED, "malformed", name=name)


def whole(*numbers):
    """Whether all are whole numbers that a log can count to."""
    return all(type(number) is int and 0 <= number < MAX_SIZE for number in numbers)


def read_manifest(package, keys):
    """The manifest, once its signature by one of the trusted keys holds."""
    raw = read_part(package, "manifest.json")
    try:
        manifest = json.loads(raw)
        signature = bytes.fromhex(read_text(package, "manifest.sig").strip())
        key, form = bytes.fromhex(manifest["key"]), manifest["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise VerificationError(TAMPERED, "malformed", name="manifest.json")
    if key not in keys:
        raise VerificationError(UNKNOWN_KEY, "other_key")
    if not signature_holds(key, raw, signature):
        raise VerificationError(TAMPERED, "manifest_signature")
    if form not in (FORMAT, OLDER):
        raise VerificationError(INCOMPLETE, "format", name=form)
    try:
        first, count, size = manifest["first"], manifest["count"], manifest["size"]
        logs = manifest["logs"].values()
        numbers = [log[name] for log in logs for name in ("first_seq", "last_seq", "count")]
        placed = whole(first, count, size, *numbers) and first + count <= size
        added_up = count == sum(log["count"] for log in logs)
        listed = set(manifest["parts"])
        bytes.fromhex(manifest["root"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VerificationError(TAMPERED, "malformed", name="manifest.json")
    if not placed or not added_up:
        raise VerificationError(TAMPERED, "counts")
    for name in package.namelist():
        if name not in listed and name not in UNSIGNED:
            raise VerificationError(TAMPERED, "unlisted", name=name)
    for name in listed:
        if name not in package.namelist():
            raise VerificationError(INCOMPLETE, "missing", name=name)
    return manifest


class Profile:
    """How much the package says it discloses.

    ``shown`` are the fields that are opened, None for all; ``bodies`` is whether stored bodies are there,
    ``older`` whether the package is of the form that had no profiles. It holds for the entries that
    have one of the values in each field of ``where``; None for all. Of others ``ALWAYS`` is opened.
    """

    def __init__(self, name, shown, bodies, older, where=None):
        self.name, self.shown, self.bodies, self.older = name, shown, bodies, older
        self.where = where

    def selects(self, text):
        """Whether a line is of the selection, as far as it says itself."""
        if self.where is None:
            return True
        told = json.loads(text)
        if type(told["disclosure"]) is not list:
            return False
        values = {name: value for _, name, value in told["disclosure"]}
        values["event"] = told["leaf"]["event"]
        return all(values.get(name) in of for name, of in self.where.items())


def read_profile(manifest):
    """The profile of a package, which must be one that it can keep."""
    if manifest["format"] == OLDER:
        return Profile("older", None, False, True)
    name, shown = manifest.get("profile"), None
    if name not in ("metadata", "pseudonymised", "full"):
        raise VerificationError(INCOMPLETE, "format", name=name)
    if name == "metadata":
        try:
            shown = frozenset(manifest["fields"])
        except (KeyError, TypeError):
            raise VerificationError(TAMPERED, "malformed", name="manifest.json")
        if not ALWAYS <= shown or shown & PERSONAL:
            raise VerificationError(TAMPERED, "profile", name=name)
    if name == "full" and not manifest.get("approval"):
        raise VerificationError(TAMPERED, "profile", name=name)
    return Profile(name, shown, name == "full", False, read_selection(manifest))


def read_selection(manifest):
    """What entries are selected by, None for all."""
    where = manifest.get("where")
    if where is None:
        return None
    try:
        found = {name: frozenset(values) for name, values in where.items()}
        texts = all(type(values) is list for values in where.values())
        texts = texts and all(type(value) is str for values in found.values() for value in values)
    except (TypeError, AttributeError):
        texts = False
    if not texts or not found or not found.keys() <= SELECTING:
        raise VerificationError(TAMPERED, "malformed", name="manifest.json")
    return found


def check_parts(package, manifest):
    """Every listed part has the digest that was signed; the entries are checked as they are read."""
    for name, digest in manifest["parts"].items():
        if name != "entries.jsonl":
            found = hashlib.sha256()
            for block in blocks(package, name):
                found.update(block)
            if found.hexdigest() != digest:
                raise VerificationError(TAMPERED, "changed", name=name)
        # Entries name the policies that decided by their digest, and so does the part.
        if name.startswith("policies/") and name != "policies/%s.json" % digest:
            raise VerificationError(TAMPERED, "changed", name=name)


def read_proof(package):
    """The hashes that prove place and growth."""
    try:
        proof = json.loads(read_part(package, "proof.json"))
        outside, grown = ([bytes.fromhex(node) for node in proof[n]] for n in ("outside", "grown"))
        seen, stamped = (
            [[bytes.fromhex(node) for node in one] for one in several]
            for several in (proof["seen"], proof.get("stamped", []))
        )
        return outside, grown, seen, stamped
    except (ValueError, KeyError, TypeError, RecursionError):
        raise VerificationError(TAMPERED, "malformed", name="proof.json")


def read_checkpoints(package, name, keys):
    """Body, signature lines, size and head of the checkpoints in a part, each signed by this log."""
    notes, found = list(parse_notes(read_text(package, name).split("\n"))), []
    if not 0 < len(notes) <= MAX_NOTES:
        raise VerificationError(TAMPERED, "malformed", name=name)
    for body, signatures in notes:
        try:
            named, size, head = parse_checkpoint(body)
        except ValueError:
            raise VerificationError(TAMPERED, "malformed", name=name)
        if not note_signed(body, signatures, named, keys):
            raise VerificationError(TAMPERED, "checkpoint_signature", name=name)
        found.append((body, signatures, size, head))
    return found


def stamps_of(package, proofs):
    """The parts that time stamps are in, without their endings: one pair for each proof."""
    found = [name for name in package.namelist() if name.startswith("timestamps/")]
    stamps = ["timestamps/%d" % number for number in range(1, len(found) // 2 + 1)]
    pairs = {stamp + ending for stamp in stamps for ending in (".txt", ".tsr")}
    if len(stamps) != len(proofs) or set(found) != pairs:
        raise VerificationError(TAMPERED, "stamps")
    return stamps


def check_stamps(package, stamps, end):
    """What to say of the time stamps, once each is over the note beside it."""
    for part, size in stamps:
        name = part + ".tsr"
        try:
            digest, time = stamp(read_part(package, name))
        except (ValueError, IndexError):
            raise VerificationError(TAMPERED, "malformed", name=name)
        if digest != hashlib.sha256(read_part(package, part + ".txt")).digest():
            raise VerificationError(TAMPERED, "stamp", name=name)
        facts = {"name": name, "size": size, "time": time}
        yield "stamped" if size >= end else "stamped_part", facts
    if stamps:
        yield "stamps_unchecked", {}


def check_growth(name, old, old_head, size, root, proof):
    """The tree is a continuation of an older one."""
    if old == size and not proof:
        heads = (root, root)
    else:
        try:
            heads = heads_of_growth(old, size, old_head, proof) if 0 < old < size else None
        except StopIteration:
            heads = None
    if heads != (old_head, root):
        raise VerificationError(TAMPERED, "growth", name=name)


def lines_of(package, digest, profile):
    """The lines of the entries; memory holds a block and no more."""
    rest, longest = b"", MAX_BODY if profile.bodies else MAX_LINE
    for block in blocks(package, "entries.jsonl"):
        digest.update(block)
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        if len(rest) > longest:
            break
        yield from lines
    if rest:
        yield b""  # what has no end is no entry


class CommitmentMismatch(Exception):
    """A value or a body (``what``) is not what was committed to."""

    def __init__(self, what):
        self.what = what


MISSING = {"gone": "missing", "entry": None}
SCAN = json.JSONDecoder().raw_decode


def check_line(text, profile, shown, scan=SCAN, start=len('{"leaf":'), sha256=hashlib.sha256):
    """One line, of which the fields ``shown`` are opened, None for all: the leaf, the bytes of it that were hashed, the fields that are withheld; then what
    stands in the place of the values when they are gone, and the body, None for none.

    Raises Changed when a value is not the one committed to, or is hidden; ValueError for no entry.
    """
    leaf, end = scan(text, start)
    at, gone, body, withheld = end + 14, None, None, []
    if text[:start] != '{"leaf":' or text[end:at] != ',"disclosure":':
        raise ValueError
    if text[at : at + 1] != "[":
        gone, at = scan(text, at)
        if gone is None and profile.older:
            gone = MISSING
        elif type(gone) is not dict or profile.older:
            raise ValueError
    else:
        mark = "["
        for name, commitment in leaf["sd"].items():
            if shown is not None and name not in shown:
                withheld.append(name)
                continue
            if text[at : at + 1] != mark:
                raise CommitmentMismatch("value")
            opened, stop = scan(text, at + 1)
            if sha256(text[at + 1 : stop].encode()).hexdigest() != commitment or opened[1] != name:
                raise CommitmentMismatch("value")
            at, mark = stop, ","
        closed = at + (1 if mark == "," else 2)
        if text[at:closed] != ("]" if mark == "," else "[]"):
            raise CommitmentMismatch("value")
        at = closed
    if text.startswith(',"body":', at):
        body, at = scan(text, at + 8)
        if type(body) is not dict:
            raise ValueError
    if text[at:] != "}":
        raise ValueError
    return leaf, text[start:end].encode(), withheld, gone, body


class EntryClaims:
    """What the entries say beside their leaves: what is withheld, what is gone, and what records that.

    ``withheld`` is how many values, ``fields`` of which fields; ``gone`` has the number and the newest
    time of what is gone, by kind, part and the entry that is named; ``records`` the kind and the values
    of entries that record such things, by their number.
    """

    def __init__(self):
        self.withheld, self.fields, self.bodies = 0, set(), 0
        self.selected, self.unknown, self.bundles = 0, 0, set()
        self.gone, self.records = {}, {}

    def line(self, line, profile):
        """Takes note of one line; gives its leaf, and the bytes of it that were hashed."""
        text = line.decode()
        selected = profile.selects(text)
        shown = profile.shown if selected else ALWAYS
        leaf, raw, withheld, gone, body = check_line(text, profile, shown)
        self.selected += selected
        if selected:
            self.bundles.add(leaf["bundle"])
        self.unknown += gone is not None
        if withheld and selected:
            self.withheld += len(withheld)
            self.fields.update(withheld)
        if gone is not None:
            self.is_gone("values", gone, leaf["time"])
        if profile.bodies and selected and leaf["payload"] is not None:
            self.body(leaf, body)
        elif body is not None:
            raise ValueError
        if leaf["log"] == RECORDING and leaf["event"] in EVENTS:
            values = None
            if gone is None:
                values = {name: value for _, name, value in json.loads(text)["disclosure"]}
            self.records[leaf["seq"]] = EVENTS[leaf["event"]], values
        return leaf, raw

    def body(self, leaf, body):
        """A stored body, which must be the one that the leaf commits to: key and ciphertext."""
        if body is None:
            raise CommitmentMismatch("body")
        if "gone" in body:
            self.is_gone("bodies", body, leaf["time"])
            return
        key, frame = bytes.fromhex(body["key"]), bytes.fromhex(body["frame"])
        if hashlib.sha256(KEY + key).hexdigest() != leaf["payload_key"] or len(frame) != 28:
            raise CommitmentMismatch("body")
        sealed = frame[:12] + hidden(key, frame[:12], body["text"].encode()) + frame[12:]
        if hashlib.sha256(sealed).hexdigest() != leaf["payload"] or len(body) != 3:
            raise CommitmentMismatch("body")
        self.bodies += 1

    def is_gone(self, part, mark, time):
        """Values or a body that are gone, by what stands in their place."""
        kind, entry = mark["gone"], mark["entry"]
        named = ("missing", "expired") if entry is None else ("expired", "erased")
        if kind not in named or len(mark) != 2 or not (entry is None or whole(entry)):
            raise ValueError
        count, newest = self.gone.get((kind, part, entry), (0, time))
        self.gone[kind, part, entry] = count + 1, max(newest, time)

    def of_gone(self, logs):
        """What to say of what is gone, once each entry that is named and is here says so itself."""
        here, found = logs.get(RECORDING), {}
        for (kind, part, entry), (count, newest) in self.gone.items():
            what = "%s_%s" % (kind, part)
            if entry is None:
                what += "_open" if kind == "expired" else ""
            elif here and here["first_seq"] <= entry <= here["last_seq"]:
                self.check_record(kind, part, entry, count, newest)
            else:
                what += "_outside"
            found.setdefault(what, []).append((entry, count))
        for what, named in sorted(found.items()):
            numbers = [str(entry) for entry, _ in sorted(named)]
            entries = ", ".join(numbers[:MAX_NAMED] + ["..."] * (len(numbers) > MAX_NAMED))
            yield what, {"count": sum(count for _, count in named), "entries": entries}

    def check_record(self, kind, part, entry, count, newest):
        """An entry records what is said of it. A run of expiry says how many went, and up to when."""
        known, values = self.records.get(entry, (None, None))
        if known != kind:
            raise VerificationError(TAMPERED, "record", entry=entry)
        if kind != "expired" or values is None:
            return
        try:
            name = COUNTED[part]
            enough = count <= values["removed"][name] and newest < values["until"][name]
        except (KeyError, TypeError):
            enough = False
        if not enough:
            raise VerificationError(TAMPERED, "record_less", entry=entry)


def check_entries(package, manifest, profile, outside, marks):
    """All entries: chained, complete from first to last, in their place in the signed tree.

    Gives what they say beside their leaves, and for each of ``marks`` (sizes of the log within the
    period) the head it had then and the time of the next entry.
    """
    heads = {log: (r["first_seq"], r["first_prev"]) for log, r in manifest["logs"].items()}
    first, count = manifest["first"], manifest["count"]
    end, told, then = first + count, EntryClaims(), {}
    # What lies before the range is one whole subtree for each bit of its first index.
    before = bin(first).count("1")
    subtrees, behind = outside[:before], iter(outside[before:])
    if len(subtrees) != before:
        raise VerificationError(TAMPERED, "outside")
    sha256, digest = hashlib.sha256, hashlib.sha256()
    left = iter(sorted(marks))
    mark, size, number = next(left, None), first, 0
    for number, line in enumerate(lines_of(package, digest, profile), 1):
        try:
            leaf, raw = told.line(line, profile)
            log, seq, prev, time = leaf["log"], leaf["seq"], leaf["prev"], leaf["time"]
            known = heads.get(log)
        except CommitmentMismatch as changed:
            raise VerificationError(TAMPERED, changed.what, number=number)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            raise VerificationError(TAMPERED, "line", number=number)
        if known is None:
            raise VerificationError(TAMPERED, "stray", number=number, log=log)
        if (seq, prev) != known:
            raise VerificationError(TAMPERED, "follows", number=number, log=log, seq=seq)
        if size == end:
            raise VerificationError(TAMPERED, "more")
        if size == mark:
            then[mark], mark = (folded(subtrees), time), next(left, None)
        node = sha256(b"\x00" + raw)
        heads[log] = (seq + 1, node.hexdigest())
        node, bits = node.digest(), size
        while bits & 1:
            node = sha256(b"\x01" + subtrees.pop() + node).digest()
            bits >>= 1
        subtrees.append(node)
        size += 1
    if size != end:
        raise VerificationError(TAMPERED, "fewer", found=number, wanted=count)
    if mark == end:
        then[mark] = (folded(subtrees), None)
    if digest.hexdigest() != manifest["parts"]["entries.jsonl"]:
        raise VerificationError(TAMPERED, "changed", name="entries.jsonl")
    for log, found in manifest["logs"].items():
        if heads[log] != (found["last_seq"] + 1, found["last_hash"]):
            raise VerificationError(TAMPERED, "end", log=log)
    try:
        root = head_of(subtrees, behind, end, manifest["size"])
    except (StopIteration, RuntimeError, IndexError):
        raise VerificationError(TAMPERED, "outside")
    if next(behind, None) is not None:
        raise VerificationError(TAMPERED, "outside")
    if root.hex() != manifest["root"]:
        raise VerificationError(TAMPERED, "other_tree")
    return told, then


# Witnesses.


def notes_of(path):
    """Body, signature lines, origin, size and head of each checkpoint in a file."""
    try:
        with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
            for body, signatures in parse_notes(iter(lambda: file.readline(MAX_LINE), "")):
                try:
                    yield (body, signatures, *parse_checkpoint(body))
                except ValueError:
                    pass  # a note, but no checkpoint
    except OSError:
        raise VerificationError(INCOMPLETE, "no_witness_file")


def sizes_in(files, origin, first, end):
    """The sizes within the period, its beginning aside, of which witness files hold a head of this log."""
    notes = (note for path in files for note in notes_of(path))
    return {size for _, _, named, size, _ in notes if named == origin and first < size <= end}


def kept(files, origin, heads, keys):
    """The largest size of which a witness file holds the head that was proven here, -1 for none."""
    best = -1
    for path in files:
        for body, signatures, named, size, head in notes_of(path):
            if named != origin or size not in heads:
                continue
            if head == heads[size]:
                best = max(best, size)
            elif note_signed(body, signatures, origin, keys):
                raise VerificationError(TAMPERED, "fork", size=size)
    return best


def vouched(notes, witnesses, end):
    """Size, name and time of the cosignature that says most: over most of the period, the earliest."""
    found = [
        (min(size, end), -time, name)
        for body, signatures, size, _ in notes
        for name, time in cosigned(body, signatures, witnesses)
    ]
    size, time, name = max(found, default=(-1, 0, ""))
    return size, name, -time


def moment(milliseconds):
    """A time in words, UTC; what no clock can show is a question mark."""
    try:
        stamp = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    except (ValueError, OverflowError, OSError, TypeError):
        return "?"
    return stamp.strftime("%Y-%m-%d %H:%M:%S UTC")


class TrustRoots:
    """What the one who verifies relies on: nothing of it comes from the package.

    ``public`` is the operator's key, ``chains`` texts of links between keys, ``witnesses`` names with
    keys, ``files`` paths of what witnesses kept; ``require`` is whether all must be witnessed.
    """

    def __init__(self, public, chains, witnesses, files, require):
        self.public, self.chains, self.witnesses = public, chains, witnesses
        self.files, self.require = files, require


def check_heads(package, manifest, keys):
    """All checkpoints of the package: signed by this log, and each a beginning of the newest.

    Gives the log's name, the checkpoints, the size of the one from before the period (0 without one),
    the proof of what lies beside the entries, and the parts of time stamps with the sizes they are of.
    """
    outside, grown, seen, stamped = read_proof(package)
    size, root = manifest["size"], bytes.fromhex(manifest["root"])
    stamps = stamps_of(package, stamped)
    notes = read_checkpoints(package, "checkpoint.txt", keys)
    if len(notes) != 1 or notes[0][2:] != (size, root):
        raise VerificationError(TAMPERED, "checkpoint")
    sizes = {}
    of_stamps = [(part + ".txt", [proof]) for part, proof in zip(stamps, stamped)]
    for name, proofs in (("before.txt", [grown]), ("witnessed.txt", seen), *of_stamps):
        if name not in package.namelist():
            if any(proofs):
                raise VerificationError(TAMPERED, "missing", name=name)
            continue
        older = read_checkpoints(package, name, keys)
        if len(older) != len(proofs):
            raise VerificationError(TAMPERED, "malformed", name=name)
        for (_, _, old_size, old_head), proof in zip(older, proofs):
            check_growth(name, old_size, old_head, size, root, proof)
        sizes[name] = older[0][2]
        notes += older
    old = sizes.get("before.txt", 0)
    if old > manifest["first"]:
        raise VerificationError(TAMPERED, "growth", name="before.txt")
    origins = {parse_checkpoint(body)[0] for body, _, _, _ in notes}
    if len(origins) != 1:
        raise VerificationError(TAMPERED, "checkpoint")
    return origins.pop(), notes, old, outside, [(part, sizes[part + ".txt"]) for part in stamps]


def verify(path, trust):
    """What is proven, as lines to say; raises Problem when the package does not hold."""
    with open_package(path) as package:
        inside = [read_text(package, "keys.txt")] if "keys.txt" in package.namelist() else []
        keys = trusted_keys(trust.public, [*trust.chains, *inside])
        manifest = read_manifest(package, keys)
        profile = read_profile(manifest)
        check_parts(package, manifest)
        origin, notes, old, outside, stamps = check_heads(package, manifest, keys)
        first, end = manifest["first"], manifest["first"] + manifest["count"]
        stamped = list(check_stamps(package, stamps, end))
        vouch = vouched(notes, trust.witnesses, end)
        marks = sizes_in(trust.files, origin, first, end) | {first, max(first, vouch[0])}
        told, then = check_entries(package, manifest, profile, outside, marks)
    heads = {size: head for _, _, size, head in notes}
    heads.update({size: head for size, (head, _) in then.items()})
    in_file = min(kept(trust.files, origin, heads, keys), end)
    after = max(vouch[0], in_file, first)
    covered = max(vouch[0], in_file) >= end
    gap = {} if covered else {"after": after + 1, "end": end, "time": moment(then[after][1])}
    if trust.require and gap:
        raise VerificationError(INCOMPLETE, "partly" if after > first else "unwitnessed", **gap)
    return [
        *proven(manifest, trust, old),
        *disclosed(manifest, profile, told),
        *ruled(manifest, told),
        *told.of_gone(manifest["logs"]),
        seen_by(manifest, trust, end, vouch, gap, after > first),
        *stamped,
        ("not_proven", {}),
        *([("not_proven_history", {})] if gap else []),
    ]


def proven(manifest, trust, old):
    """What holds of the entries themselves."""
    first, count, size = manifest["first"], manifest["count"], manifest["size"]
    yield "holds", {"count": count, "logs": len(manifest["logs"])}
    if count:
        yield "range", {"first": first + 1, "end": first + count, "size": size}
    else:
        yield "range_none", {"size": size}
    yield ("grown", {"old": old}) if old else ("not_grown", {})
    if bytes.fromhex(manifest["key"]) != trust.public:
        yield "chained", {}


def disclosed(manifest, profile, told):
    """How much is disclosed."""
    if profile.where is not None:
        named = sorted(profile.where.items())
        where = ", ".join("%s=%s" % (name, "|".join(sorted(values))) for name, values in named)
        yield "selected", {"where": where, "selected": told.selected, "count": manifest["count"]}
        if told.unknown:
            yield "selected_gone", {"unknown": told.unknown}
    facts = {"withheld": told.withheld, "bodies": told.bodies, "approval": manifest.get("approval")}
    yield "profile_" + profile.name, facts
    other = sorted(told.fields - PERSONAL)
    if other:
        yield "withheld_other", {"fields": ", ".join(other)}


def ruled(manifest, told):
    """Whether the policies that the entries name are there."""
    named = {bundle for bundle in told.bundles if bundle}
    missing = sorted(one for one in named if policies_of(one) not in manifest["parts"])
    if missing:
        few = [one[:19] for one in missing[:MAX_NAMED]] + ["..."] * (len(missing) > MAX_NAMED)
        yield "policies_missing", {"count": len(missing), "digests": ", ".join(few)}
    elif named:
        yield "policies", {"count": len(named)}


def policies_of(bundle):
    """The part with the policies of a bundle."""
    return "policies/%s.json" % bundle[len("sha256:") :]


def seen_by(manifest, trust, end, vouch, gap, partly):
    """Who has seen the period, as far as the one who verifies can know."""
    size, name, time = vouch
    if size >= end:
        return "witnessed", {"name": name, "time": moment(time * 1000)}
    if not gap:
        return "witnessed_file", {}
    if partly:
        return "unwitnessed_part", gap
    if trust.witnesses or trust.files:
        return "unwitnessed_all", {}
    try:
        names = ", ".join(sorted(one["name"] for one in manifest["witnesses"]))
    except (KeyError, TypeError):
        names = ""
    return ("claims", {"names": names}) if names else ("claims_none", {})


# The command.


def read_file(path, what, code):
    """A small text file."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MAX_SMALL)
    except (OSError, ValueError):
        raise VerificationError(code, what)
    return text


def read_key(path):
    """The public key: 32 bytes as hex in a small file."""
    try:
        key = bytes.fromhex(read_file(path, "no_key", UNKNOWN_KEY).strip())
    except ValueError:
        raise VerificationError(UNKNOWN_KEY, "no_key")
    if len(key) != 32:
        raise VerificationError(UNKNOWN_KEY, "no_key")
    return key


def read_witness_keys(path):
    """Names and keys of witnesses, a line each, as C2SP writes them: name+id+base64."""
    found = []
    for line in read_file(path, "no_witness_key", INCOMPLETE).split("\n"):
        if line.strip():
            name, _, rest = line.strip().partition("+")
            try:
                blob = base64.b64decode(rest.partition("+")[2], validate=True)
            except ValueError:
                raise VerificationError(INCOMPLETE, "no_witness_key")
            if blob[:1] != COSIGNATURE or len(blob) != 33 or not name:
                raise VerificationError(INCOMPLETE, "no_witness_key")
            found.append((name, blob[1:]))
    return found


def own_language():
    """Dutch where the system speaks it, else English."""
    names = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next(filter(None, [*names, locale.getlocale()[0]]), "")
    return "nl" if name.lower().startswith(("nl", "dutch")) else "en"


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("package", help="the exported zip file")
    parser.add_argument("--key", required=True, help="file with the operator's public key (hex)")
    parser.add_argument("--chain", help="file with links between keys, where the package has none")
    parser.add_argument(
        "--witness-key", action="append", default=[], help="file with keys of witnesses you trust"
    )
    parser.add_argument(
        "--witness-file", action="append", default=[], help="signed heads that a witness kept"
    )
    parser.add_argument(
        "--require-witness", action="store_true", help="fail when no such witness saw all of it"
    )
    parser.add_argument("--language", "--lang", choices=("en", "nl"), default=own_language())
    given = parser.parse_args(arguments)
    try:
        chains = [read_file(given.chain, "no_chain", UNKNOWN_KEY)] if given.chain else []
        witnesses = [key for path in given.witness_key for key in read_witness_keys(path)]
        trust = TrustRoots(
            read_key(given.key), chains, witnesses, given.witness_file, given.require_witness
        )
        lines = verify(given.package, trust)
    except VerificationError as problem:
        kind = {TAMPERED: "TAMPERED", INCOMPLETE: "INCOMPLETE", UNKNOWN_KEY: "UNKNOWN_KEY"}
        print("%s: %s" % (said(given.language, kind[problem.code]), problem.words(given.language)))
        return problem.code
    for what, facts in lines:
        print(said(given.language, what, **facts))
    return OK


if __name__ == "__main__":
    sys.exit(main())
