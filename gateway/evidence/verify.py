#!/usr/bin/env python3
"""Verifies an export of the audit trail. Stands alone: Python 3.9 or later, standard library only.

    python3 verify.py EXPORT.zip --key signing.pub

Exit codes: 0 all of it holds, 1 tampered, 2 incomplete or unreadable, 3 unknown key.
It reads the package as a stream, unpacks nothing and writes nothing.

The checks, by the numbers in the code:

0. The file is a zip file that is safe to read, and holds the required parts.
1. Keys: each rotation of the signing key is signed by the old key and by the new one.
2. Manifest: a trusted key signed it, its counts add up, and it lists exactly the parts.
3. Profile: the manifest claims a disclosure profile, and its fields fit that profile.
4. Parts: each part has the digest in the manifest.
5. Checkpoints: this log signed them, and each older tree is a prefix of the newest one.
6. Time stamps: each covers the note beside it.
7. Entries: they are chained and complete, each disclosed value and body is the one that the entry
   committed to, and together with the proof they give the signed tree head.
8. Witnesses: what trusted witnesses signed or kept agrees, and covers the period.
9. Deletions: each entry that is named as the record of deleted values or bodies records them.
10. Governance: the entries of the log control before the period are whole, and lead to it.
11. Period: the closed entries around the others are those of the tree, and none is of the period.

With --statement it says five sentences about the period, each proven, not proven or assumed.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import ipaddress
import json
import locale
import os
import re
import struct
import sys
import unicodedata
import zipfile
import zlib
from typing import Any, Dict, Iterable, Iterator, Tuple, cast

OK, TAMPERED, INCOMPLETE, UNKNOWN_KEY = 0, 1, 2, 3
RESULTS = {0: "HOLDS", 1: "TAMPERED", 2: "INCOMPLETE", 3: "UNKNOWN_KEY"}
FORMAT, OLDER_FORMAT = "sluis-export-4", "sluis-export-3"
# Fields that every profile discloses: those that select entries, and those that expiry runs record.
ALWAYS = {"deployment", "level", "outcome", "removed", "until", "zone"}
# Fields that select entries; the event is in the leaf.
SELECTION_FIELDS = {"deployment", "event", "level", "outcome", "zone"}
# Fields that metadata packages withhold.
PERSONAL = {
    "agreement",
    "approver",
    "asserted_user",
    "author",
    "author_comment",
    "author_name",
    "author_person",
    "body_sha256",
    "comment",
    "difference",
    "digest",
    "dropped",
    "key",
    "key_name",
    "lines",
    "mandate",
    "model",
    "reported_model",
    "name",
    "network",
    "on_behalf_of",
    "owner",
    "person",
    "of_person",
    "person_name",
    "group",
    "group_name",
    "owner_before",
    "principal",
    "proposed_by",
    "pseudonym",
    "reader",
    "reason",
    "registered_by",
    "requested_by",
    "requests",
    "reviewer_roles",
    "reviewers",
    "roles",
    "roles_of_key",
    "signed_approval",
    "subject",
    "team",
    "team_of_key",
    "unread",
}
# Records of deletions: entries of this log with these events, and the kind of deletion.
CONTROL_LOG = "control"
DELETION_EVENTS = {
    "control:retention:expire": "expired",
    "subject:values:erase": "erased",
    "subject:values:replay": "erased",
}
# Entries that change what is in force, or approve it: opened in the log before the period.
GOVERNANCE_EVENTS = {
    "control:change:apply",
    "control:model:approve",
    "control:model:promote",
    "control:model:quarantine",
    "control:model:register",
    "control:proposal:approve",
    "control:proposal:create",
}
GOVERNANCE_PART, DETECTORS_PART = "governance.jsonl", "detectors.json"
EDGES_PART = "edges.jsonl"
LATE_MS = 5000  # entries are signed within this time
GENESIS = "0" * 64  # what the first entry of a log follows
DATA_KEY_PREFIX = b"sluis data key v1\x00"  # of the hashed text of a commitment to a data key
COUNTERS = {"values": "disclosures", "bodies": "bodies"}
PROOFS = {"outside", "grown", "seen", "stamped", "edges"}
REQUIRED_PARTS = ("manifest.json", "manifest.sig", "entries.jsonl", "checkpoint.txt", "proof.json")
UNLISTED_PARTS = ("manifest.json", "manifest.sig")
# Parts that the checks read whole, or that have a message of their own.
CHECKED_PARTS = {
    *REQUIRED_PARTS,
    "before.txt",
    "keys.txt",
    "witnessed.txt",
    GOVERNANCE_PART,
    EDGES_PART,
}
MAX_PART = 64 * 1024**3
MAX_SMALL = 32 * 1024**2  # of a part that is read in one piece
MAX_NAMES = 1000
MAX_RATIO = 400  # of the unpacked to the packed size of a part, with some slack
MAX_SLACK = 400 * 1024
MAX_LINE = 4 * 1024**2
MAX_BODY = 64 * 1024**2  # of a line with a stored body
MAX_NAMED = 8
MAX_LISTED = 100
MAX_NOTES = 100  # in one part: verifying a signature takes some milliseconds
MAX_SHOWN = 200
MAX_SIZE = 2**62
MAX_TIMESTAMP = 65536
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
        "no_issuer_keys": "a file with keys of an identity provider is no JWK set.",
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
        "edge": "an entry of the period lies outside of what the package holds",
        "period": "PERIOD: the log has no other entry from {since} to {until}, by the entries "
        "around it. Entries that were signed more than {late} seconds late can lie beyond.",
        "no_begin": "NOT PROVEN: the beginning of the period. The package does not hold the "
        "entries from just before it.",
        "no_end": "NOT PROVEN: the end of the period. The package does not hold the entries from "
        "just after it, and no witness that you trust saw the log end with it.",
        "unchecked": "NOT CHECKED against the entries, only signed by the operator: {names}.",
        "prefix": "line {number} of the governance log before the period does not follow: an "
        "entry was removed, added, moved or changed",
        "statement": "STATEMENT about the period from {since} to {until}:",
        "proven": "PROVEN",
        "assumed": "ASSUMED",
        "s1": "Every departure of the period is in the log.",
        "s2": "Nothing that was rated restricted went to another zone than internal.",
        "s3": "Each zone, policy and model version that was in force, and all else that decides who "
        "counts as a person and where bytes go, was approved by two named persons.",
        "s4": "Every exception is listed.",
        "s5": "The operator did not rebuild the history, and did not put back an older backup.",
        "sx_selection": "The package opens a selection only: make one of the whole period, "
        "without --where.",
        "sx_withheld": "The profile withholds who acted and what changed: make a package with the "
        "profile pseudonymised.",
        "s1_counts": "{departures} departures of {requests} requests in {logs} logs, each "
        "recorded before its first byte; {closed} of these requests are closed, each by one "
        "entry. Further requests from which nothing departed: {undeparted}.",
        "s1_crashed": "The process of {count} died under way, so nobody knows how their answers "
        "ended: requests {names}.",
        "s1_under_way": "{count} were under way when the period ended: requests {names}.",
        "s1_before": "{count} answers of the period belong to departures from before it.",
        "s1_elsewhere": "{count} logs are named that ended before the period: {names}. A package "
        "from the first entry on shows them.",
        "s1_unclosed": "Their log has ended, but no entry closes them: requests {names}.",
        "s1_orphans": "An entry closes them, but their departure is missing: requests {names}.",
        "s1_unopened": "Logs that do not begin with their opening entry: {names}.",
        "s1_gaps": "Logs that other entries name, and of which entries are missing: {names}.",
        "s1_unknown": "The values of entries that say how logs follow one another are gone: "
        "{names}.",
        "s2_counts": "{restricted} of {departures} departures were rated restricted. Which "
        "machines the zone internal means is what sentence 3 is about.",
        "s2_outside": "Rated restricted, and sent to another zone: requests {names}.",
        "s2_unrated": "Departures of which no level or no known zone is recorded: requests "
        "{names}.",
        "s2_gone": "The level and zone of {count} departures are gone.",
        "s2_rate": "Rated: what detection misses is rated too low. Published on {measured} for "
        "detectors {detectors}, over {texts} texts: {missed} of {values} marked values were "
        "missed ({percent} %), and {low} of {restricted} restricted texts were rated too low "
        "(detectors.json in the package).",
        "s2_no_rate": "Rated: what detection misses is rated too low. The package has no figures "
        "of how much that is.",
        "s2_other_detectors": "The figures are of other detectors than those in use: {names}.",
        "s3_counts": "{zone} zones, {policy} policies and {model} model versions were in force or "
        "in use: {approved} approved by two named persons, {narrowed} narrowed, which needs one.",
        "s3_approved": "{what}: {persons} (entry {entry}).",
        "s3_narrowed": "{what}: it only narrowed what was in force (entry {entry}).",
        "s3_release": "{what}: it came with the release (entry {entry}).",
        "s3_cut": "Entries that do not hold all lines of their change: {names}.",
        "s4_release": "{count} settings that came with the release: {names}.",
        "s3_bootstrap": "{what}: set by the first configuration (entry {entry}).",
        "s3_adopted": "{what}: in force before approvals were recorded (entry {entry}).",
        "s3_alone": "{what}: decided by one person, while there was only one (entry {entry}).",
        "s3_recovery": "{what}: set by two persons who opened the way back (entry {entry}).",
        "s3_one_person": "{what}: one person decided alone (entry {entry}).",
        "s3_same_person": "{what}: proposed and approved by the same person (entry {entry}).",
        "s3_unnamed": "{what}: the entries name no two persons (entry {entry}).",
        "s3_unsigned": "{what}: persons sign on here, and no identity provider signed the approval "
        "(entry {entry}).",
        "s3_forged": "{what}: what the identity provider signed is not this approval (entry "
        "{entry}).",
        "s3_foreign_key": "{what}: the approval is signed with a key that is not in the files of "
        "--issuer-keys (entry {entry}).",
        "s3_unpinned": "{count} approvals are signed by the identity provider, with the keys that "
        "the package names: give its keys with --issuer-keys to trust no one else for them.",
        "s3_pinned": "{count} approvals are signed by the identity provider, with keys that you "
        "gave.",
        "s3_by_key": "{count} approvals were given with keys of this installation: who holds the "
        "keys of two persons gives both. A sign-on that the identity provider signs proves the "
        "person.",
        "s3_no_person": "{what}: the approver has no key and no sign-on that entries put in force "
        "(entry {entry}).",
        "s3_not_agreed": "{what}: the entry does not name its owner and a data protection officer "
        "as two persons who agreed (entry {entry}).",
        "s3_first_persons": "{what}: set by the first configuration, from which all persons follow "
        "(entry {entry}).",
        "s3_owner": "{what}: its owner replaced its secret (entry {entry}).",
        "s3_first_owner": "{what}: the operator named the first owner (entry {entry}).",
        "s3_no_mandate": "{what}: one person acted alone under it, and it was not in force so, or did "
        "not cover the change (entry {entry}).",
        "s3_unapproved": "{what}: no entry approves it (entry {entry}).",
        "s3_other": "{what}: the approved proposal was for another change (entry {entry}).",
        "s3_widened": "{what}: recorded as a narrowing, which it is not (entry {entry}).",
        "s3_unexplained": "{what}: the entry does not say on which ground (entry {entry}).",
        "s3_jump": "{what}: the entry changes another value than the one that was in force, so a "
        "change is not on record (entry {entry}).",
        "s3_no_entry": "{what}: in use, but no entry says who approved it.",
        "s3_gone": "Values of entries about what is in force are gone: {names}.",
        "s3_unreadable": "Entries about what is in force that cannot be read: {names}.",
        "s3_whole": "The log control is in the package from its first entry on.",
        "s3_start": "What was in force when the period began follows from the {count} entries of "
        "the log control before it (governance.jsonl), which lead to its first entry here without "
        "a gap.",
        "s3_no_prefix": "What was in force when the period began is not known: the package has no "
        "governance.jsonl.",
        "s3_unbound": "What was in force is not known: the period has no entry of the log "
        "control. Make a package of a longer period.",
        "s4_none": "There were none.",
        "s4_recovery": "{count} entries of a way back that two persons opened by codes: {names}.",
        "s4_first_owner": "{count} entries by which the operator alone named the owner of an "
        "administrator's key, who counts as a person since: {names}.",
        "s4_alone": "{count} decisions of one person: {names}.",
        "s4_mandate": "{count} changes that one person made within a mandate: {names}.",
        "s4_bootstrap": "{count} settings of the first configuration: {names}.",
        "s4_adopted": "{count} changes from before approvals were recorded: {names}.",
        "s4_break_glass": "{count} steps of break-glass exceptions: {names}.",
        "s4_holds": "{count} legal holds began or ended: {names}.",
        "s4_spools": "{count} times the entries went to, or came back from, the disk of a "
        "gateway: {names}.",
        "s4_snapshots": "{count} times a configuration was refused that nobody had approved: {names}.",
        "s4_gaps": "{count} times the trail went on after a restore that lost signed entries: "
        "{names}.",
        "s4_degraded": "{count} entries were written while the database took none ({first} to "
        "{last}).",
        "s4_stale": "{count} entries are of requests that stayed inside because the configuration "
        "was old ({first} to {last}).",
        "s4_gone": "The values of entries that could be exceptions are gone: {names}.",
        "not proven": "NOT PROVEN",
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
        "no_issuer_keys": "een bestand met sleutels van een identityprovider is geen JWK-set.",
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
        "edge": "een regel van de periode ligt buiten wat het pakket bevat",
        "period": "PERIODE: het logboek heeft geen andere regel van {since} tot {until}, volgens "
        "de regels eromheen. Regels die meer dan {late} seconden te laat zijn ondertekend kunnen "
        "erbuiten liggen.",
        "no_begin": "NIET BEWEZEN: het begin van de periode. De regels van vlak daarvoor zitten "
        "niet in het pakket.",
        "no_end": "NIET BEWEZEN: het einde van de periode. De regels van vlak daarna zitten niet "
        "in het pakket, en geen getuige die u vertrouwt zag het logboek ermee eindigen.",
        "unchecked": "NIET VERGELEKEN met de regels, alleen door de beheerder ondertekend: {names}.",
        "prefix": "regel {number} van het bestuurslogboek van voor de periode sluit niet aan: er "
        "is een regel verwijderd, toegevoegd, verplaatst of gewijzigd",
        "statement": "VERKLARING over de periode van {since} tot {until}:",
        "proven": "BEWEZEN",
        "assumed": "AANGENOMEN",
        "s1": "Elk vertrek van de periode staat in het logboek.",
        "s2": "Niets dat als strikt vertrouwelijk is ingeschaald ging naar een andere zone dan "
        "internal.",
        "s3": "Elke zone, elk beleid en elke modelversie die van kracht was, en al het andere dat "
        "bepaalt wie als persoon telt en waar bytes heen gaan, is door twee genoemde personen "
        "goedgekeurd.",
        "s4": "Elke uitzondering is vermeld.",
        "s5": "De beheerder heeft de geschiedenis niet opnieuw opgebouwd en geen oudere "
        "reservekopie teruggezet.",
        "sx_selection": "Het pakket toont alleen een selectie: maak er een van de hele periode, "
        "zonder --where.",
        "sx_withheld": "Het profiel houdt achter wie iets deed en wat er veranderde: maak een "
        "pakket met het profiel pseudonymised.",
        "s1_counts": "{departures} vertrekken van {requests} verzoeken in {logs} logboeken, elk "
        "vastgelegd voor de eerste byte; {closed} van deze verzoeken zijn afgesloten, elk door "
        "een regel. Van {undeparted} andere verzoeken vertrok niets.",
        "s1_crashed": "Van {count} viel het proces onderweg uit, zodat niemand weet hoe het "
        "antwoord eindigde: verzoeken {names}.",
        "s1_under_way": "{count} waren onderweg toen de periode eindigde: verzoeken {names}.",
        "s1_before": "{count} antwoorden in de periode horen bij vertrekken van daarvoor.",
        "s1_elsewhere": "{count} genoemde logboeken eindigden voor de periode: {names}. Een "
        "pakket vanaf de eerste regel toont ze.",
        "s1_unclosed": "Het logboek is afgelopen, maar geen regel sluit ze af: verzoeken {names}.",
        "s1_orphans": "Een regel sluit ze af, maar het vertrek ontbreekt: verzoeken {names}.",
        "s1_unopened": "Logboeken die niet met hun openingsregel beginnen: {names}.",
        "s1_gaps": "Logboeken die andere regels noemen en waarvan regels ontbreken: {names}.",
        "s1_unknown": "De waarden zijn weg van regels die zeggen hoe logboeken op elkaar volgen: "
        "{names}.",
        "s2_counts": "{restricted} van {departures} vertrekken zijn als strikt vertrouwelijk "
        "ingeschaald. Welke machines de zone internal is, daarover gaat zin 3.",
        "s2_outside": "Strikt vertrouwelijk ingeschaald en naar een andere zone gestuurd: "
        "verzoeken {names}.",
        "s2_unrated": "Vertrekken waarvan geen niveau of geen bekende zone is vastgelegd: "
        "verzoeken {names}.",
        "s2_gone": "Niveau en zone van {count} vertrekken zijn weg.",
        "s2_rate": "Ingeschaald: wat de herkenning mist, wordt te laag ingeschaald. Gepubliceerd "
        "op {measured} voor {detectors}, over {texts} teksten: {missed} van {values} gemerkte "
        "waarden gemist ({percent} %), en {low} van {restricted} strikt vertrouwelijke teksten te "
        "laag ingeschaald (detectors.json in het pakket).",
        "s2_no_rate": "Ingeschaald: wat de herkenning mist, wordt te laag ingeschaald. Het pakket "
        "heeft geen cijfers over hoeveel dat is.",
        "s2_other_detectors": "De cijfers zijn van andere herkenners dan die in gebruik waren: "
        "{names}.",
        "s3_counts": "{zone} zones, {policy} keer beleid en {model} modelversies waren van kracht "
        "of in gebruik: {approved} goedgekeurd door twee genoemde personen, {narrowed} ingeperkt, "
        "wat er een vraagt.",
        "s3_approved": "{what}: {persons} (regel {entry}).",
        "s3_narrowed": "{what}: het perkte alleen in wat van kracht was (regel {entry}).",
        "s3_release": "{what}: hoort bij de uitgave van het product (regel {entry}).",
        "s3_cut": "Regels die niet alle onderdelen van hun wijziging bevatten: {names}.",
        "s4_release": "{count} instellingen die bij de uitgave van het product horen: {names}.",
        "s3_bootstrap": "{what}: ingesteld door de eerste configuratie (regel {entry}).",
        "s3_adopted": "{what}: van kracht voordat goedkeuringen werden vastgelegd (regel {entry}).",
        "s3_alone": "{what}: door een persoon besloten, toen er maar een was (regel {entry}).",
        "s3_recovery": "{what}: door twee personen die de weg terug openden (regel {entry}).",
        "s3_one_person": "{what}: een persoon besloot alleen (regel {entry}).",
        "s3_same_person": "{what}: door dezelfde persoon voorgesteld en goedgekeurd (regel {entry}).",
        "s3_unnamed": "{what}: de regels noemen geen twee personen (regel {entry}).",
        "s3_unsigned": "{what}: personen melden zich hier aan, en geen identityprovider "
        "ondertekende de goedkeuring (regel {entry}).",
        "s3_forged": "{what}: wat de identityprovider ondertekende is niet deze goedkeuring (regel "
        "{entry}).",
        "s3_foreign_key": "{what}: de goedkeuring is ondertekend met een sleutel die niet in de "
        "bestanden van --issuer-keys staat (regel {entry}).",
        "s3_unpinned": "{count} goedkeuringen zijn ondertekend door de identityprovider, met de "
        "sleutels die het pakket noemt: geef zijn sleutels met --issuer-keys, dan hoeft u daarin "
        "niemand te vertrouwen.",
        "s3_pinned": "{count} goedkeuringen zijn ondertekend door de identityprovider, met "
        "sleutels die u gaf.",
        "s3_by_key": "{count} goedkeuringen zijn gegeven met sleutels van deze installatie: wie de "
        "sleutels van twee personen heeft, geeft beide. Een aanmelding die de identityprovider "
        "ondertekent bewijst de persoon.",
        "s3_no_person": "{what}: de goedkeurder heeft geen sleutel of aanmelding die volgens de "
        "regels van kracht is (regel {entry}).",
        "s3_not_agreed": "{what}: de regel noemt de eigenaar en een functionaris "
        "gegevensbescherming niet als twee personen die instemden (regel {entry}).",
        "s3_first_persons": "{what}: ingesteld door de eerste configuratie, waaruit alle personen "
        "volgen (regel {entry}).",
        "s3_owner": "{what}: de eigenaar verving het geheim (regel {entry}).",
        "s3_first_owner": "{what}: de beheerder noemde de eerste eigenaar (regel {entry}).",
        "s3_no_mandate": "{what}: een persoon handelde er alleen onder, en het was zo niet van kracht, "
        "of omvatte de wijziging niet (regel {entry}).",
        "s3_unapproved": "{what}: geen regel keurt het goed (regel {entry}).",
        "s3_other": "{what}: het goedgekeurde voorstel ging over een andere wijziging (regel "
        "{entry}).",
        "s3_widened": "{what}: vastgelegd als inperking, en dat is het niet (regel {entry}).",
        "s3_unexplained": "{what}: de regel zegt niet op welke grond (regel {entry}).",
        "s3_jump": "{what}: de regel wijzigt een andere waarde dan die van kracht was, dus een "
        "wijziging is niet vastgelegd (regel {entry}).",
        "s3_no_entry": "{what}: in gebruik, maar geen regel zegt wie het goedkeurde.",
        "s3_gone": "Waarden van regels over wat van kracht is zijn weg: {names}.",
        "s3_unreadable": "Regels over wat van kracht is die niet te lezen zijn: {names}.",
        "s3_whole": "Het logboek control zit vanaf zijn eerste regel in het pakket.",
        "s3_start": "Wat van kracht was toen de periode begon volgt uit de {count} regels van het "
        "logboek control daarvoor (governance.jsonl), die zonder gat naar de eerste regel hier "
        "leiden.",
        "s3_no_prefix": "Wat van kracht was toen de periode begon is niet bekend: het pakket "
        "heeft geen governance.jsonl.",
        "s3_unbound": "Wat van kracht was is niet bekend: de periode heeft geen regel van het "
        "logboek control. Maak een pakket van een langere periode.",
        "s4_none": "Er waren er geen.",
        "s4_recovery": "{count} regels van een weg terug die twee personen met codes openden: {names}.",
        "s4_first_owner": "{count} regels waarmee de beheerder alleen de eigenaar van een "
        "beheerderssleutel aanwees, die sindsdien als persoon telt: {names}.",
        "s4_alone": "{count} besluiten van een persoon: {names}.",
        "s4_mandate": "{count} wijzigingen die een persoon binnen een mandaat deed: {names}.",
        "s4_bootstrap": "{count} instellingen van de eerste configuratie: {names}.",
        "s4_adopted": "{count} wijzigingen van voordat goedkeuringen werden vastgelegd: {names}.",
        "s4_break_glass": "{count} stappen van nooduitzonderingen: {names}.",
        "s4_holds": "{count} keer begon of eindigde een bewaarplicht: {names}.",
        "s4_spools": "{count} keer gingen regels naar de schijf van een gateway, of kwamen "
        "daarvan terug: {names}.",
        "s4_snapshots": "{count} keer werd een configuratie geweigerd die niemand had goedgekeurd: {names}.",
        "s4_gaps": "{count} keer ging het logboek verder nadat door het terugzetten van een "
        "reservekopie ondertekende regels verloren waren: {names}.",
        "s4_degraded": "{count} regels zijn geschreven terwijl de database er geen aannam "
        "({first} tot {last}).",
        "s4_stale": "{count} regels zijn van verzoeken die binnen bleven omdat de configuratie "
        "oud was ({first} tot {last}).",
        "s4_gone": "De waarden zijn weg van regels die uitzonderingen kunnen zijn: {names}.",
        "not proven": "NIET BEWEZEN",
    },
}


class VerificationError(Exception):
    """A failed check: the exit code, the key of its text, and the values in the text."""

    def __init__(self, code: int, what: str, **facts: object) -> None:
        self.code, self.what, self.facts = code, what, facts

    def message(self, language: str) -> str:
        return localized(language, self.what, **self.facts)


def localized(language: str, what: str, /, **facts: object) -> str:
    """A text in a language. Values from the package are escaped: they cannot control a terminal.

    Long lists are cut, as programs get them whole.
    """
    plain = {}
    for name, value in facts.items():
        listed = value if isinstance(value, list) else [value]
        texts = [printable(one) for one in listed[:MAX_LISTED]]
        plain[name] = ", ".join(texts + ["..."] * (len(listed) > MAX_LISTED))
    return TEXTS[language][what].format(**plain)


def printable(value: object) -> str:
    text = ascii(str(value)[:MAX_SHOWN])[1:-1]
    return text.replace("\\\\", "\\")


# Ed25519 (RFC 8032, section 5.1), verification only. The constants are those of the curve.
Point = Tuple[int, int, int, int]
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, P // 4, P)


def _decode_point(data: bytes) -> Point | None:
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


def _add_points(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _multiply_point(scalar: int, point: Point) -> Point:
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add_points(total, point)
        point = _add_points(point, point)
        scalar >>= 1
    return total


def _points_equal(p: Point, q: Point) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


_BASE_BYTES = bytes.fromhex("5866666666666666666666666666666666666666666666666666666666666666")
BASE = cast(Point, _decode_point(_BASE_BYTES))


def signature_is_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature is valid."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = _decode_point(public), _decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % L
    return _points_equal(_multiply_point(s, BASE), _add_points(r, _multiply_point(k, key)))


# Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
NOTE_KEY_TYPE, COSIGNATURE_TYPE = b"\x01", b"\x04"
SIGNATURE_MARK = "\u2014 "


def parse_notes(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Body and signature lines of the notes in a text of many; all other lines are skipped."""
    body: list[str] = []
    signatures: list[str] = []
    body_ended = False
    for line in lines:
        line = line.rstrip("\n")
        if body_ended and line.startswith(SIGNATURE_MARK):
            signatures.append(line)
            continue
        if signatures:
            yield "\n".join(body) + "\n", signatures
        if signatures or (body_ended and line):
            body, signatures, body_ended = [], [], False
        if line:
            body.append(line)
        else:
            body_ended = bool(body)
    if signatures:
        yield "\n".join(body) + "\n", signatures


def from_base64(text: str) -> bytes:
    """The bytes of a text in base64; ValueError when it is not the one that a writer gives."""
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError
    return decoded


def signatures_by(signatures: list[str], name: str, public: bytes, kind: bytes) -> Iterator[bytes]:
    """The signatures that claim this name and key; they are not verified yet."""
    wanted = hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]
    for line in signatures:
        signer, _, encoded = line[len(SIGNATURE_MARK) :].rpartition(" ")
        try:
            blob = from_base64(encoded)
        except ValueError:
            continue
        if signer == name and blob[:4] == wanted:
            yield blob[4:]


def note_is_signed(body: str, signatures: list[str], name: str, keys: Iterable[bytes]) -> bool:
    """Whether one of the keys signed a note under that name."""
    return any(
        signature_is_valid(key, body.encode(), blob)
        for key in keys
        for blob in signatures_by(signatures, name, key, NOTE_KEY_TYPE)
    )


def cosignatures(
    body: str, signatures: list[str], witnesses: Iterable[tuple[str, bytes]]
) -> Iterator[tuple[str, int]]:
    """Name and time of each valid cosignature by a trusted witness."""
    for name, key in witnesses:
        for blob in signatures_by(signatures, name, key, COSIGNATURE_TYPE):
            time = int.from_bytes(blob[:8], "big")
            message = "cosignature/v1\ntime %d\n%s" % (time, body)
            if signature_is_valid(key, message.encode(), blob[8:]):
                yield name, time


def parse_checkpoint(body: str) -> tuple[str, int, bytes]:
    """Origin, size and tree head of a checkpoint; ValueError when it is not one."""
    origin, size, head = body.split("\n")[:3]
    if not re.fullmatch("[0-9]{1,18}", size):
        raise ValueError
    return origin, int(size), from_base64(head)


ROTATION_NOTE = re.compile(
    "(.+)/signing-key\nold ([0-9a-f]{64})\nnew ([0-9a-f]{64})\ntime [0-9]+\n"
)


def trusted_keys(public: bytes, texts: Iterable[str]) -> set[bytes]:
    """Check 1: the given key, and all keys that rotations connect with it.

    A rotation is valid only when the old key and the new one both signed it.
    """
    notes = [note for text in texts for note in parse_notes(text.split("\n"))]
    rotations = []
    for body, signatures in notes:
        rotation = ROTATION_NOTE.fullmatch(body)
        if not rotation or len(notes) > MAX_NOTES:
            raise VerificationError(UNKNOWN_KEY, "bad_link")
        key_pair = [bytes.fromhex(one) for one in rotation.group(2, 3)]
        if not all(note_is_signed(body, signatures, rotation.group(1), [key]) for key in key_pair):
            raise VerificationError(UNKNOWN_KEY, "bad_link")
        rotations.append(key_pair)
    keys, known_count = {public}, 0
    while len(keys) > known_count:
        known_count = len(keys)
        for old, new in rotations:
            if old in keys or new in keys:
                keys |= {old, new}
    return keys


# Time stamps: responses of a TSA (RFC 3161) in DER. `openssl ts -verify` checks their signatures.
INTEGER, OCTET_STRING, OBJECT_IDENTIFIER, GENERALIZED_TIME = 2, 4, 6, 24
SEQUENCE, SET, EXPLICIT = 48, 49, 160
GRANTED, FIRST_VERSION = b"\x00", b"\x01"
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TIME_STAMP = bytes.fromhex("2a864886f70d0109100104")
SHA_256 = bytes.fromhex("608648016503040201")
MIN_LONG_LENGTHS = (128, 256)  # the least lengths that need one further byte, and two
TIME_FORMAT = re.compile(rb"([0-9]{14})(\.[0-9]+)?Z")


def der_elements(data: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents of consecutive DER elements; ValueError or IndexError when malformed."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size > 127:
            more = size - 128
            size, at = int.from_bytes(data[at : at + more], "big"), at + more
            if size < MIN_LONG_LENGTHS[more - 1]:
                raise ValueError
        if at + size > len(data):
            raise ValueError
        found.append((tag, data[at : at + size]))
        at += size
    return found


def der_fields(data: bytes, *tags: int, more: bool = False) -> list[bytes]:
    """The contents of the elements, which have these tags; ``more`` allows further elements."""
    found = der_elements(data)
    if not more and len(found) > len(tags):
        raise ValueError
    if [tag for tag, _ in found[: len(tags)]] != list(tags):
        raise ValueError
    return [content for _, content in found[: len(tags)]]


def parse_timestamp(data: bytes) -> tuple[bytes, str]:
    """The SHA-256 that was stamped, and the time as text.

    Raises ValueError or IndexError when the data is not a response that grants a time stamp.
    """
    if len(data) > MAX_TIMESTAMP:
        raise ValueError
    (response,) = der_fields(data, SEQUENCE)
    status, token = der_fields(response, SEQUENCE, SEQUENCE)
    (granted,) = der_fields(status, INTEGER, more=True)
    kind, wrapped = der_fields(token, OBJECT_IDENTIFIER, EXPLICIT)
    (signed,) = der_fields(wrapped, SEQUENCE)
    _, _, content = der_fields(signed, INTEGER, SET, SEQUENCE, more=True)
    form, wrapped = der_fields(content, OBJECT_IDENTIFIER, EXPLICIT)
    (octets,) = der_fields(wrapped, OCTET_STRING)
    (info,) = der_fields(octets, SEQUENCE)
    tags = (INTEGER, OBJECT_IDENTIFIER, SEQUENCE, INTEGER, GENERALIZED_TIME)
    version, _, imprint, _, clock = der_fields(info, *tags, more=True)
    algorithm, digest = der_fields(imprint, SEQUENCE, OCTET_STRING)
    (hashed,) = der_fields(algorithm, OBJECT_IDENTIFIER, more=True)
    values = (granted, kind, form, version, hashed)
    if values != (GRANTED, SIGNED_DATA, TIME_STAMP, FIRST_VERSION, SHA_256):
        raise ValueError
    time = TIME_FORMAT.fullmatch(clock)
    if not time:
        raise ValueError
    when = datetime.datetime.strptime(time.group(1).decode(), "%Y%m%d%H%M%S")
    return digest, when.strftime("%Y-%m-%d %H:%M:%S UTC")


# AES-256 (FIPS 197), and the encryption of AES-GCM without its tag (SP 800-38D, section 6.5).


def _s_box() -> list[int]:
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


def _columns(box: list[int]) -> Iterator[int]:
    """The contribution of each byte to a column: substituted, then mixed."""
    for value in box:
        double = value << 1 ^ (283 if value & 128 else 0)
        yield double << 24 | value << 16 | value << 8 | double ^ value


def _rotate_words(table: list[int]) -> list[int]:
    return [word >> 8 | (word & 255) << 24 for word in table]


S_BOX = _s_box()
T0 = list(_columns(S_BOX))
T1 = _rotate_words(T0)
T2 = _rotate_words(T1)
T3 = _rotate_words(T2)


def _substitute(a: int, b: int, c: int, d: int) -> int:
    """A word of substituted bytes: the first byte of ``a``, the second of ``b`` and so on."""
    high = S_BOX[a >> 24] << 24 | S_BOX[b >> 16 & 255] << 16
    return high | S_BOX[c >> 8 & 255] << 8 | S_BOX[d & 255]


def _key_schedule(key: bytes) -> list[list[int]]:
    """Four words for each round."""
    words, constant = list(struct.unpack(">8I", key)), 1
    for at in range(8, 60):
        word = words[at - 1]
        if at % 8 == 0:
            word = (word << 8 | word >> 24) & 0xFFFFFFFF
            word = _substitute(word, word, word, word) ^ constant << 24
            constant <<= 1
        elif at % 8 == 4:
            word = _substitute(word, word, word, word)
        words.append(words[at - 8] ^ word)
    return [words[at : at + 4] for at in range(0, len(words), 4)]


def _encrypt_block(rounds: list[list[int]], block: bytes) -> bytes:
    """Encrypts one block."""
    a, b, c, d = (word ^ mask for word, mask in zip(struct.unpack(">4I", block), rounds[0]))
    for j, k, l, m in rounds[1:-1]:
        a, b, c, d = (
            T0[a >> 24] ^ T1[b >> 16 & 255] ^ T2[c >> 8 & 255] ^ T3[d & 255] ^ j,
            T0[b >> 24] ^ T1[c >> 16 & 255] ^ T2[d >> 8 & 255] ^ T3[a & 255] ^ k,
            T0[c >> 24] ^ T1[d >> 16 & 255] ^ T2[a >> 8 & 255] ^ T3[b & 255] ^ l,
            T0[d >> 24] ^ T1[a >> 16 & 255] ^ T2[b >> 8 & 255] ^ T3[c & 255] ^ m,
        )
    last = (
        _substitute(a, b, c, d),
        _substitute(b, c, d, a),
        _substitute(c, d, a, b),
        _substitute(d, a, b, c),
    )
    return struct.pack(">4I", *(word ^ mask for word, mask in zip(last, rounds[-1])))


def gcm_ciphertext(key: bytes, nonce: bytes, text: bytes) -> bytes:
    """The ciphertext of AES-256-GCM, without the tag."""
    rounds, size = _key_schedule(key), len(text)
    counted = (nonce + (at // 16 + 2).to_bytes(4, "big") for at in range(0, size, 16))
    stream = b"".join(_encrypt_block(rounds, block) for block in counted)[:size]
    are_counts = int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")
    return are_counts.to_bytes(size, "big")


# The Merkle tree (RFC 6962, section 2.1).


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def append_leaf(subtrees: list[bytes], size: int, node: bytes) -> None:
    """Appends a leaf to the whole subtrees of the first ``size`` leaves."""
    while size & 1:
        node, size = node_hash(subtrees.pop(), node), size >> 1
    subtrees.append(node)


def root_of_subtrees(subtrees: list[bytes]) -> bytes:
    """The tree head from the whole subtrees of the tree, the largest first."""
    if not subtrees:
        return hashlib.sha256().digest()
    head = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        head = node_hash(left, head)
    return head


def root_with_outside(subtrees: list[bytes], after: Iterator[bytes], end: int, size: int) -> bytes:
    """The tree head from the subtrees of the first ``end`` leaves and the heads of those after."""
    if end == size:
        return root_of_subtrees(subtrees)
    left = iter(subtrees)

    def head(low: int, high: int) -> bytes:
        if high <= end:
            return next(left)
        if low >= end:
            return next(after)
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        return node_hash(head(low, middle), head(middle, high))

    return head(0, size)


def consistency_heads(
    old: int, new: int, old_head: bytes, proof: list[bytes]
) -> tuple[bytes, bytes]:
    """Both heads that a consistency proof leads to (RFC 9162, section 2.1.4.2)."""
    steps = iter([old_head, *proof] if old & (old - 1) == 0 else proof)
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = next(steps)
    for step in steps:
        if not last:
            raise StopIteration
        if position & 1 or position == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, step)
        position, last = position >> 1, last >> 1
    if last:
        raise StopIteration
    return first, second


# The package.


def open_package(path: str) -> zipfile.ZipFile:
    """Check 0: the zip file, once it is safe to read and has the required parts."""
    try:
        package = zipfile.ZipFile(path)
        infos = package.infolist()
    except ZIP_ERRORS as error:
        raise VerificationError(INCOMPLETE, "no_zip", why=type(error).__name__)
    names: set[str] = set()
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
    for name in REQUIRED_PARTS:
        if name not in names:
            raise VerificationError(INCOMPLETE, "missing", name=name)
    return package


def read_part(package: zipfile.ZipFile, name: str) -> bytes:
    """A part in one piece."""
    if package.getinfo(name).file_size > MAX_SMALL:
        raise VerificationError(TAMPERED, "bomb", name=name)
    try:
        return package.read(name)
    except ZIP_ERRORS as error:
        raise VerificationError(INCOMPLETE, "unreadable", name=name, why=type(error).__name__)


def read_blocks(package: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part block by block."""
    try:
        with package.open(name) as part:
            block = part.read(BLOCK)
            while block:
                yield block
                block = part.read(BLOCK)
    except ZIP_ERRORS as error:
        raise VerificationError(INCOMPLETE, "unreadable", name=name, why=type(error).__name__)


def read_text(package: zipfile.ZipFile, name: str) -> str:
    try:
        return read_part(package, name).decode()
    except UnicodeDecodeError:
        raise VerificationError(TAMPERED, "malformed", name=name)


def are_counts(*numbers: object) -> bool:
    """Whether all are integers that a log can count to."""
    return all(type(number) is int and 0 <= number < MAX_SIZE for number in numbers)


def read_manifest(package: zipfile.ZipFile, keys: set[bytes]) -> dict[str, Any]:
    """Check 2: the manifest, once a trusted key signed it and it agrees with the package."""
    raw = read_part(package, "manifest.json")
    try:
        manifest: dict[str, Any] = json.loads(raw)
        signature = bytes.fromhex(read_text(package, "manifest.sig").strip())
        key, form = bytes.fromhex(manifest["key"]), manifest["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise VerificationError(TAMPERED, "malformed", name="manifest.json")
    if key not in keys:
        raise VerificationError(UNKNOWN_KEY, "other_key")
    if not signature_is_valid(key, raw, signature):
        raise VerificationError(TAMPERED, "manifest_signature")
    if form not in (FORMAT, OLDER_FORMAT):
        raise VerificationError(INCOMPLETE, "format", name=str(form))
    try:
        first, count, size = manifest["first"], manifest["count"], manifest["size"]
        logs = manifest["logs"].values()
        numbers = [log[name] for log in logs for name in ("first_seq", "last_seq", "count")]
        placed = are_counts(first, count, size, *numbers) and first + count <= size
        dated = all(type(manifest[name]) is int for name in ("from", "to"))
        added_up = count == sum(log["count"] for log in logs)
        listed = set(manifest["parts"])
        bytes.fromhex(manifest["root"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VerificationError(TAMPERED, "malformed", name="manifest.json")
    if not dated:
        raise VerificationError(TAMPERED, "malformed", name="manifest.json")
    if not placed or not added_up:
        raise VerificationError(TAMPERED, "counts")
    for name in package.namelist():
        if name not in listed and name not in UNLISTED_PARTS:
            raise VerificationError(TAMPERED, "unlisted", name=name)
    for name in listed:
        if name not in package.namelist():
            raise VerificationError(INCOMPLETE, "missing", name=name)
    return manifest


class PackageProfile:
    """The disclosure profile that a package claims.

    ``shown`` are the disclosed fields, None for all; ``bodies`` is whether stored bodies are in the
    package, ``older`` whether its format has no profiles. The profile applies to the entries that
    have one of the values for each field of ``where``; None for all. Others disclose ``ALWAYS``.
    """

    def __init__(
        self,
        name: str,
        shown: frozenset[str] | None,
        bodies: bool,
        older: bool,
        where: dict[str, frozenset[str]] | None = None,
    ) -> None:
        self.name, self.shown, self.bodies, self.older = name, shown, bodies, older
        self.where = where

    def selects(self, text: str) -> bool:
        """Whether the entry of a line is selected, by its own values."""
        if self.where is None:
            return True
        entry = json.loads(text)
        if type(entry["disclosure"]) is not list:
            return False
        values = {name: value for _, name, value in entry["disclosure"]}
        values["event"] = entry["leaf"]["event"]
        return all(values.get(name) in allowed for name, allowed in self.where.items())


def read_profile(manifest: dict[str, Any]) -> PackageProfile:
    """Check 3: the claimed profile of a package, once its fields fit the profile."""
    if manifest["format"] == OLDER_FORMAT:
        return PackageProfile("older", None, False, True)
    name, shown = manifest.get("profile"), None
    if name not in ("metadata", "pseudonymised", "full"):
        raise VerificationError(INCOMPLETE, "format", name=str(name))
    if name == "metadata":
        try:
            shown = frozenset(manifest["fields"])
        except (KeyError, TypeError):
            raise VerificationError(TAMPERED, "malformed", name="manifest.json")
        if not ALWAYS <= shown or shown & PERSONAL:
            raise VerificationError(TAMPERED, "profile", name=name)
    if name == "full" and not manifest.get("approval"):
        raise VerificationError(TAMPERED, "profile", name=name)
    return PackageProfile(name, shown, name == "full", False, read_selection(manifest))


def read_selection(manifest: dict[str, Any]) -> dict[str, frozenset[str]] | None:
    """The allowed values of the fields that select entries, None for all entries."""
    where = manifest.get("where")
    if where is None:
        return None
    found: dict[str, frozenset[str]] = {}
    try:
        found = {name: frozenset(values) for name, values in where.items()}
        texts = all(type(values) is list for values in where.values())
        texts = texts and all(type(value) is str for values in found.values() for value in values)
    except (TypeError, AttributeError):
        texts = False
    if not texts or not found or not found.keys() <= SELECTION_FIELDS:
        raise VerificationError(TAMPERED, "malformed", name="manifest.json")
    return found


def check_parts(package: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Check 4: each part has the signed digest; that of the entries is checked as they are read."""
    for name, digest in manifest["parts"].items():
        if name != "entries.jsonl":
            found = hashlib.sha256()
            for block in read_blocks(package, name):
                found.update(block)
            if found.hexdigest() != digest:
                raise VerificationError(TAMPERED, "changed", name=name)
        # Entries name their policies by digest, and so does the name of the part.
        if name.startswith("policies/") and name != "policies/%s.json" % digest:
            raise VerificationError(TAMPERED, "changed", name=name)


def read_proof(
    package: zipfile.ZipFile,
) -> tuple[list[bytes], list[bytes], list[list[bytes]], list[list[bytes]]]:
    """The hashes of the proofs: outside the entries, and growth to each kind of checkpoint."""
    try:
        proof = json.loads(read_part(package, "proof.json"))
        if not PROOFS.issuperset(proof):  # a name that is not known hides one that may be absent
            raise ValueError
        outside, grown = ([bytes.fromhex(node) for node in proof[n]] for n in ("outside", "grown"))
        seen, stamped = (
            [[bytes.fromhex(node) for node in one] for one in several]
            for several in (proof["seen"], proof.get("stamped", []))
        )
        return outside, grown, seen, stamped
    except (ValueError, KeyError, TypeError, RecursionError):
        raise VerificationError(TAMPERED, "malformed", name="proof.json")


def read_checkpoints(
    package: zipfile.ZipFile, name: str, keys: set[bytes]
) -> list[tuple[str, list[str], int, bytes]]:
    """Body, signature lines, size and head of the checkpoints in a part; this log signed each."""
    notes, found = list(parse_notes(read_text(package, name).split("\n"))), []
    if not 0 < len(notes) <= MAX_NOTES:
        raise VerificationError(TAMPERED, "malformed", name=name)
    for body, signatures in notes:
        try:
            origin, size, head = parse_checkpoint(body)
        except ValueError:
            raise VerificationError(TAMPERED, "malformed", name=name)
        if not note_is_signed(body, signatures, origin, keys):
            raise VerificationError(TAMPERED, "checkpoint_signature", name=name)
        found.append((body, signatures, size, head))
    return found


def timestamp_parts(package: zipfile.ZipFile, proofs: list[list[bytes]]) -> list[str]:
    """The names of the time stamps' parts without their endings: one pair for each proof."""
    found = [name for name in package.namelist() if name.startswith("timestamps/")]
    stamps = ["timestamps/%d" % number for number in range(1, len(found) // 2 + 1)]
    pairs = {stamp + ending for stamp in stamps for ending in (".txt", ".tsr")}
    if len(stamps) != len(proofs) or set(found) != pairs:
        raise VerificationError(TAMPERED, "stamps")
    return stamps


def check_timestamps(
    package: zipfile.ZipFile, stamps: list[tuple[str, int]], end: int
) -> Iterator[tuple[str, dict[str, object]]]:
    """Check 6: the messages about the time stamps, once each covers the note beside it."""
    for part, size in stamps:
        name = part + ".tsr"
        try:
            digest, time = parse_timestamp(read_part(package, name))
        except (ValueError, IndexError):
            raise VerificationError(TAMPERED, "malformed", name=name)
        if digest != hashlib.sha256(read_part(package, part + ".txt")).digest():
            raise VerificationError(TAMPERED, "stamp", name=name)
        facts: dict[str, object] = {"name": name, "size": size, "time": time}
        yield "stamped" if size >= end else "stamped_part", facts
    if stamps:
        yield "stamps_unchecked", {}


def check_growth(
    name: str, old: int, old_head: bytes, size: int, root: bytes, proof: list[bytes]
) -> None:
    """Checks that an older tree is a prefix of the newest one."""
    heads: tuple[bytes, bytes] | None
    if old == size and not proof:
        heads = (root, root)
    else:
        try:
            heads = consistency_heads(old, size, old_head, proof) if 0 < old < size else None
        except StopIteration:
            heads = None
    if heads != (old_head, root):
        raise VerificationError(TAMPERED, "growth", name=name)


def entry_lines(
    package: zipfile.ZipFile, digest: hashlib._Hash, profile: PackageProfile
) -> Iterator[bytes]:
    """The lines of the entries, with no more than a block and a line in memory."""
    longest = MAX_BODY if profile.bodies else MAX_LINE
    return part_lines(package, "entries.jsonl", longest, digest)


def part_lines(
    package: zipfile.ZipFile, name: str, longest: int, digest: hashlib._Hash | None = None
) -> Iterator[bytes]:
    """The lines of a part, with no more than a block and a line in memory."""
    rest = b""
    for block in read_blocks(package, name):
        if digest is not None:
            digest.update(block)
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        if len(rest) > longest:
            break
        yield from lines
    if rest:
        yield b""  # a line without its end is not an entry


class CommitmentMismatch(Exception):
    """A value or a body (``what``) does not match its commitment."""

    def __init__(self, what: str) -> None:
        self.what = what


MISSING = {"gone": "missing", "entry": None}
SCAN_JSON = json.JSONDecoder().raw_decode


def check_line(
    text: str,
    profile: PackageProfile,
    shown: Iterable[str] | None,
    scan: Any = SCAN_JSON,
    start: int = len('{"leaf":'),
    sha256: Any = hashlib.sha256,
) -> tuple[dict[str, Any], bytes, list[str], dict[str, Any] | None, dict[str, Any] | None]:
    """Parses a line that discloses the fields ``shown``, None for all.

    Gives the leaf, its hashed bytes, the withheld fields, the mark of deleted values or None, and
    the body or None. Raises CommitmentMismatch when a value is not the committed one, or is left
    out; ValueError when the line is not an entry.
    """
    leaf, end = scan(text, start)
    at, deletion, body = end + 14, None, None
    withheld: list[str] = []
    if text[:start] != '{"leaf":' or text[end:at] != ',"disclosure":':
        raise ValueError
    if text[at : at + 1] != "[":
        deletion, at = scan(text, at)
        if deletion is None and profile.older:
            deletion = MISSING
        elif type(deletion) is not dict or profile.older:
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
    return leaf, text[start:end].encode(), withheld, deletion, body


class EntryClaims:
    """What the entries claim beside their leaves: withheld values, deletions and their records.

    ``withheld`` is the number of withheld values, ``fields`` are their fields. ``deletions`` has
    number and newest time of deleted values or bodies, by kind, part and the named entry.
    ``deletion_records`` has kind and values of the entries that record deletions, by their number.
    """

    def __init__(self, statement: Statement | None = None) -> None:
        self.statement = statement
        self.withheld, self.bodies, self.selected, self.unknown = 0, 0, 0, 0
        self.fields: set[str] = set()
        self.bundles: set[str] = set()
        self.earliest, self.latest = MAX_SIZE, -MAX_SIZE
        self.deletions: dict[tuple[str, str, int | None], tuple[int, int]] = {}
        self.deletion_records: dict[int, tuple[str, dict[str, Any] | None]] = {}

    def add_line(self, line: bytes, profile: PackageProfile) -> tuple[dict[str, Any], bytes]:
        """Checks and counts one line; gives its leaf and the leaf's hashed bytes."""
        text = line.decode()
        selected = profile.selects(text)
        shown = profile.shown if selected else ALWAYS
        leaf, raw, withheld, deletion, body = check_line(text, profile, shown)
        self.earliest = min(self.earliest, leaf["time"])
        self.latest = max(self.latest, leaf["time"])
        self.selected += selected
        if selected:
            self.bundles.add(leaf["bundle"])
        self.unknown += deletion is not None
        if withheld and selected:
            self.withheld += len(withheld)
            self.fields.update(withheld)
        if deletion is not None:
            self.add_deletion("values", deletion, leaf["time"])
        if profile.bodies and selected and leaf["payload"] is not None:
            self.check_body(leaf, body)
        elif body is not None:
            raise ValueError
        if leaf["log"] == CONTROL_LOG and leaf["event"] in DELETION_EVENTS:
            values = None
            if deletion is None:
                values = disclosed_values(text)
            self.deletion_records[leaf["seq"]] = DELETION_EVENTS[leaf["event"]], values
        if self.statement:
            self.statement.add(leaf, disclosed_values(text) if deletion is None else None)
        return leaf, raw

    def check_body(self, leaf: dict[str, Any], body: dict[str, Any] | None) -> None:
        """Checks that a stored body is the one that the leaf commits to, by key and ciphertext."""
        if body is None:
            raise CommitmentMismatch("body")
        if "gone" in body:
            self.add_deletion("bodies", body, leaf["time"])
            return
        key, frame = bytes.fromhex(body["key"]), bytes.fromhex(body["frame"])
        commitment = hashlib.sha256(DATA_KEY_PREFIX + key).hexdigest()
        if commitment != leaf["payload_key"] or len(frame) != 28:
            raise CommitmentMismatch("body")
        sealed = frame[:12] + gcm_ciphertext(key, frame[:12], body["text"].encode()) + frame[12:]
        if hashlib.sha256(sealed).hexdigest() != leaf["payload"] or len(body) != 3:
            raise CommitmentMismatch("body")
        self.bodies += 1

    def add_deletion(self, part: str, mark: dict[str, Any], time: int) -> None:
        """Counts deleted values or a deleted body, by the mark in their place."""
        kind, entry = mark["gone"], mark["entry"]
        allowed = ("missing", "expired") if entry is None else ("expired", "erased")
        if kind not in allowed or len(mark) != 2 or not (entry is None or are_counts(entry)):
            raise ValueError
        count, newest = self.deletions.get((kind, part, entry), (0, time))
        self.deletions[kind, part, entry] = count + 1, max(newest, time)

    def deletion_messages(
        self, logs: dict[str, dict[str, Any]]
    ) -> Iterator[tuple[str, dict[str, object]]]:
        """Check 9: the messages about deletions, once each named entry here records its own."""
        here = logs.get(CONTROL_LOG)
        found: dict[str, list[tuple[Any, int]]] = {}
        for (kind, part, entry), (count, newest) in self.deletions.items():
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

    def check_record(self, kind: str, part: str, entry: int, count: int, newest: int) -> None:
        """Checks the record of a deletion; an expiry run records how many, and up to which time."""
        known, values = self.deletion_records.get(entry, (None, None))
        if known != kind:
            raise VerificationError(TAMPERED, "record", entry=entry)
        if kind != "expired" or values is None:
            return
        try:
            name = COUNTERS[part]
            enough = count <= values["removed"][name] and newest < values["until"][name]
        except (KeyError, TypeError):
            enough = False
        if not enough:
            raise VerificationError(TAMPERED, "record_less", entry=entry)


# The statement: five sentences about a period, each proven, not proven or assumed.
PROVEN, NOT_PROVEN, ASSUMED = "proven", "not proven", "assumed"
INTENT, CLOSE, SWAP = (
    "request:departure:intent",
    "request:answer:close",
    "gateway:snapshot:swap",
)
LOG_OPEN, LOG_CLOSE, LOG_SETTLE = "trail:log:open", "trail:log:close", "trail:log:settle"
SPOOL_BEGIN, SPOOL_END = "trail:spool:begin", "trail:spool:end"
RESTRICTED, INTERNAL = "restricted", "internal"
LEVEL_NAMES = ("public", INTERNAL, "confidential", RESTRICTED)
ZONES = ("global", "eu", "internal")  # the later, the more may be sent there
LOOPBACK = ("127.0.0.0/8", "::1/128")  # the internal networks where none are stated
BOOTSTRAP = "bootstrap:"
BREAK_GLASS = "break_glass"
POLICY_KIND = "policy_bundle"  # of proposals
# Cyrillic and Greek letters that look like Latin ones.
LOOK_ALIKES = dict(
    zip(
        "АВСЕНІЈКМОРЅТХУаеіјорсухѕԁһԛѵԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ",
        "ABCEHIJKMOPSTXYaeijopcyxsdhqvwABEZHIKMNOPTYXaiknoptux",
    )
)
OPERATOR = "local operator"  # who sits at the machine: a place, not a named person
FROM_OUTSIDE = ("adopted", "bootstrap", "release")  # what was there before anybody changed it
# On which ground a change is in force: for one person, it must narrow or change nothing that counts.
ONE_PERSON, TWO_PERSONS = ("one-person", "narrowing"), ("two-persons", "proposal")
KEY_OWN, FIRST_OWNER = "control:key:own", "first-owner"  # the entry, and the basis of its change
MANDATE = "mandate"  # the kind, and the basis of what one person changes within one
WRITING_MS = 60_000  # from the moment of a change until its entry, at most
# The level that a key has where none is stated.
UNSTATED = {"clearance": "confidential", "floor": INTERNAL}
OWNER = "owner"  # the basis on which an owner replaces the secret of the own key
# Grounds of a field that need no approval of another person.
FIELD_NOTES = ("narrowed", "release", "first_persons", "owner", "first_owner")
SINGLE_EXCEPTIONS = {
    "control:recovery:use": "recovery",
    KEY_OWN: "first_owner",
    "control:hold:create": "holds",
    "control:hold:release": "holds",
    SPOOL_BEGIN: "spools",
    SPOOL_END: "spools",
    "control:snapshot:refuse": "snapshots",
    "control:trail:restore": "gaps",
}
KNOWN_STARTS = ("s3_start", "s3_whole")  # from the first entry of the log on
TOKEN_NAMES = ("sub", "oid", "email", "preferred_username", "upn", "unique_name")
PlanePoint = Tuple[int, int]
# Curve P-256 (SEC 2, section 2.4.2).
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
P256_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
# By name: the hash, and what precedes it in PKCS #1 v1.5 (RFC 8017, section 9.2); none for PSS.
RSA_ALGORITHMS = {
    "RS256": ("sha256", bytes.fromhex("3031300d060960864801650304020105000420")),
    "RS384": ("sha384", bytes.fromhex("3041300d060960864801650304020205000430")),
    "RS512": ("sha512", bytes.fromhex("3051300d060960864801650304020305000440")),
    "PS256": ("sha256", None),
    "PS384": ("sha384", None),
    "PS512": ("sha512", None),
}
UNAPPROVED = ("adopted", "alone", "bootstrap", "recovery", "release")  # nobody else approved these
Reason = Tuple[str, dict[str, Any]]
Subject = Tuple[str, str, Any]  # kind, value, and the provider of a zone


class Findings:
    """What was found for one sentence; ``problems`` are why it is not proven."""

    def __init__(self) -> None:
        self.problems: list[Reason] = []
        self.notes: list[Reason] = []

    def problem(self, code: str, **facts: object) -> None:
        """Adds a reason why the sentence is not proven."""
        self.problems.append((code, facts))

    def add(self, code: str, **facts: object) -> None:
        """Adds what the sentence rests on."""
        self.notes.append((code, facts))


class DepartureLedger:
    """Sentence 1: every departure is in the log, and closed by one entry.

    ``open`` has the log of each departed request that was not closed yet; ``early`` that of the
    departures of requests whose closing entry came first, as it may where it is in another log.
    """

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.logs, self.whole = manifest["logs"], manifest["first"] == 0
        self.count, self.requests, self.closed, self.undeparted = 0, 0, 0, 0
        self.open: dict[str, str] = {}
        self.early: dict[str, str] = {}
        self.late: set[str] = set()
        self.crashed: list[str] = []
        self.ended: set[str] = set()
        self.unopened: list[str] = []
        self.unknown: list[str] = []
        self.named: dict[str, int] = {}
        self.forerunners: dict[str, str] = {}

    def add(self, leaf: dict[str, Any], values: dict[str, Any]) -> None:
        """Takes an entry in."""
        event, log, request = leaf["event"], leaf["log"], leaf["request"]
        if leaf["seq"] == 0 and event != LOG_OPEN and log != CONTROL_LOG:
            self.unopened.append(log)
        if event == INTENT:
            self.add_intent(request, log)
        elif event == CLOSE:
            self.add_close(request, log, leaf["sd"], values)
        elif event in (LOG_OPEN, LOG_CLOSE, LOG_SETTLE, SPOOL_BEGIN):
            self.add_log(leaf, values)

    def add_intent(self, request: str, log: str) -> None:
        """Takes a departure in."""
        self.count += 1
        if request in self.late:
            return
        if request in self.early:
            del self.early[request]
            self.late.add(request)
            self.requests += 1
            self.closed += 1
        else:
            self.requests += request not in self.open
            self.open[request] = log

    def add_close(
        self, request: str, log: str, fields: dict[str, str], values: dict[str, Any]
    ) -> None:
        """Takes a closing entry in; it holds the level only where nothing departed before it."""
        crashed = "of_log" in fields
        if crashed:
            self.crashed.append(request)
        if request in self.open:
            del self.open[request]
            self.closed += 1
        elif "level" in fields and not crashed:
            self.undeparted += 1
        else:
            self.early[request] = str(values.get("of_log", log))

    def add_log(self, leaf: dict[str, Any], values: dict[str, Any]) -> None:
        """Takes in how a log begins, ends, or is followed by another."""
        event, log, fields = leaf["event"], leaf["log"], leaf["sd"]
        if event == LOG_CLOSE:
            self.ended.add(log)
            return
        needed = "after" if event == LOG_OPEN else "of_log"
        if needed in fields and needed not in values:
            self.unknown.append(entry_name(leaf))
        elif event == LOG_OPEN and needed in fields:
            self.forerunners[log] = str(values[needed])
            self.named.setdefault(str(values[needed]), 0)
        elif event == LOG_SETTLE:
            self.ended.add(str(values[needed]))
            self.named.setdefault(str(values[needed]), 0)
        elif event == SPOOL_BEGIN:
            last = values.get("last")
            self.named[str(values[needed])] = last if type(last) is int else MAX_SIZE

    def is_whole(self, log: str) -> bool:
        """Whether the package has all of a log, and of those that it goes on from."""
        seen: set[str] = set()
        while not self.whole and log not in seen:
            seen.add(log)
            if log not in self.logs or self.logs[log]["first_seq"]:
                return False
            if log not in self.forerunners:
                break
            log = self.forerunners[log]
        return True

    def findings(self) -> Findings:
        """What sentence 1 rests on."""
        found = Findings()
        unclosed = sorted(request for request, log in self.open.items() if log in self.ended)
        orphans = sorted(request for request, log in self.early.items() if self.is_whole(log))
        gaps, elsewhere = self.missing_logs()
        for what, names in (
            ("s1_unclosed", unclosed),
            ("s1_orphans", orphans),
            ("s1_unopened", self.unopened),
            ("s1_gaps", gaps),
            ("s1_unknown", self.unknown),
        ):
            if names:
                found.problem(what, names=sorted(names))
        found.add(
            "s1_counts",
            departures=self.count,
            requests=self.requests,
            closed=self.closed,
            undeparted=self.undeparted,
            logs=len(self.logs),
        )
        under_way = sorted(set(self.open) - set(unclosed))
        before = len(self.early) - len(orphans)
        for what, names in (
            ("s1_crashed", self.crashed),
            ("s1_under_way", under_way),
            ("s1_elsewhere", elsewhere),
        ):
            if names:
                found.add(what, names=sorted(names), count=len(names))
        if before:
            found.add("s1_before", count=before)
        return found

    def missing_logs(self) -> Tuple[list[str], list[str]]:
        """Logs that entries name and of which entries lack, and those from before the period."""
        gaps, elsewhere = [], []
        for log, last in self.named.items():
            if log in self.logs:
                if self.logs[log]["last_seq"] < last:
                    gaps.append(log)
            elif self.whole:
                gaps.append(log)
            else:
                elsewhere.append(log)
        return gaps, elsewhere


class Ratings:
    """Sentence 2: what was rated restricted went to the zone internal only."""

    def __init__(self) -> None:
        self.count, self.restricted = 0, 0
        self.outside: list[str] = []
        self.unrated: list[str] = []
        self.gone = 0
        self.detectors: set[str] = set()

    def add(self, leaf: dict[str, Any], values: dict[str, Any] | None) -> None:
        """Takes an entry in."""
        if leaf["event"] != INTENT:
            return
        self.count += 1
        if values is None:
            self.gone += 1
            return
        level, zone = values.get("level"), values.get("zone")
        self.restricted += level == RESTRICTED
        if level is None or zone not in ZONES:
            self.unrated.append(leaf["request"])
        elif level == RESTRICTED and zone != INTERNAL:
            self.outside.append(leaf["request"])
        if "detectors" in values:
            self.detectors.add(str(values["detectors"]))

    def findings(self, published: dict[str, Any] | None) -> Findings:
        """What sentence 2 rests on; ``published`` are the published figures of detection."""
        found = Findings()
        if self.outside:
            found.problem("s2_outside", names=sorted(set(self.outside)))
        if self.unrated:
            found.problem("s2_unrated", names=sorted(set(self.unrated)))
        if self.gone:
            found.problem("s2_gone", count=self.gone)
        found.add("s2_counts", departures=self.count, restricted=self.restricted)
        if published is None:
            found.add("s2_no_rate")
            return found
        found.add("s2_rate", **published)
        others = sorted(self.detectors - {published["detectors"]})
        if others:
            found.add("s2_other_detectors", names=others)
        return found


def taken_away(before: Any, after: Any) -> bool:
    """Whether a value is taken away."""
    return not after


def not_given(before: Any, after: Any) -> bool:
    """Whether a permission is not given; without a word on it, it is as it was before any."""
    return after is not True and not (after is None and before is False)


def fewer_items(before: Any, after: Any) -> bool:
    """Whether a list has no new item."""
    return not set(after or ()) - set(before or ())


def fewer_entries(before: Any, after: Any) -> bool:
    """Whether a mapping has no new or changed entry."""
    return all((before or {}).get(name) == value for name, value in (after or {}).items())


def within_networks(before: Any, after: Any) -> bool:
    """Whether networks lie within those before."""
    old = [ipaddress.ip_network(one) for one in before or LOOPBACK]
    new = [ipaddress.ip_network(one) for one in after or LOOPBACK]
    return all(
        any(one.network_address in known and one.prefixlen >= known.prefixlen for known in old)
        for one in new
    )


def lower_clearance(before: Any, after: Any) -> bool:
    """Whether a clearance is set, or no side of it is higher; without one it is that of the zone."""
    if not after or not before:
        return bool(after)
    return all(LEVEL_NAMES.index(after[side]) <= LEVEL_NAMES.index(before[side]) for side in after)


def farther_from_inside(before: Any, after: Any) -> bool:
    """Whether a zone is taken away, or gets a lower clearance."""
    return before in ZONES and after in (None, *ZONES[: ZONES.index(before)])


def begins_minimal(before: Any, after: Any) -> bool:
    """Whether a use case of minimal risk begins."""
    return before is None and after in (None, "minimal")


def within(most: Any, value: Any, lower: bool = False) -> bool:
    """Whether what a mandate grants of a field is not more than before; ``lower`` is of a floor."""
    if isinstance(most, list):
        return bool(value) and not set(value) - set(most)
    if isinstance(most, dict):
        return most.keys() == value.keys() and all(
            within(one, value[name]) for name, one in most.items()
        )
    if most in LEVEL_NAMES:
        order = LEVEL_NAMES[::-1] if lower else LEVEL_NAMES
        return order.index(value) <= order.index(most)
    return bool(value == most if isinstance(most, str) else value <= most)


def fewer_grants(before: Any, after: Any) -> bool:
    """Whether each grant of a mandate lies within one of before."""
    return all(
        any(
            new["kind"] == old["kind"]
            and not set(new["teams"]) - set(old["teams"])
            and all(
                name in old["most"] and within(old["most"][name], value, name == "floor")
                for name, value in new["most"].items()
            )
            for old in before or ()
        )
        for new in after or ()
    )


def not_later(before: Any, after: Any) -> bool:
    """Whether a mandate ends no later than before."""
    return bool(before and after and after <= before)


ELSEWHERE = None  # what a field decides is neither who counts as a person nor where bytes go
Narrows = Any  # whether a change of a value needs one person only, of the values before and after
# What decides who counts as a person, or where bytes go: kinds, and how a change of a field narrows.
# Each change of a field that is not here widens. ``*`` stands for all fields that are not here.
DECIDING: Dict[str, Dict[str, Narrows]] = {
    "provider": {
        "zone": farther_from_inside,
        "private_address": not_given,
        "plain_http": taken_away,
        "contract": ELSEWHERE,
        "needs_contract": ELSEWHERE,
    },
    "deployment": {
        "clearance": lower_clearance,
        "price": ELSEWHERE,
        "timeouts": ELSEWHERE,
        "version": ELSEWHERE,
        "needs_version": ELSEWHERE,
    },
    "alias": {"candidates": fewer_items},
    "network": {"networks": within_networks},
    "issuer": {"roles": fewer_entries, "groups": taken_away, "applications": fewer_entries},
    "admin_key": {
        "roles": fewer_items,
        "owner": taken_away,
        "former": taken_away,
        "former_until": taken_away,
        **dict.fromkeys(
            ("team", "models", "purposes", "clearance", "floor", "strict", "expires"), ELSEWHERE
        ),
        **dict.fromkeys(("limits", "budget", "networks", "evaluates"), ELSEWHERE),
    },
    "use_case": {"risk": begins_minimal, "*": ELSEWHERE},
    MANDATE: {"grants": fewer_grants, "until": not_later},
}
PERSONS = ("issuer", "admin_key")  # the kinds that say who counts as a person
OF_SECRET = ("digest", "former", "former_until", "issued_by")  # what an owner alone replaces
FIELD = "field"  # the kind of what is no zone, policy or model version


def never(before: Any, after: Any) -> bool:
    """Each change of a value widens."""
    return False


def narrows_of(kind: str, field: str) -> Narrows:
    """How a change of a field narrows; None where it decides nothing of this."""
    fields = DECIDING.get(kind, {"*": ELSEWHERE})
    return fields.get(field, fields.get("*", never))


class Ground:
    """Why something is in force: a reason, the entry that says so, and the two persons."""

    def __init__(self, why: str, entry: str, persons: Tuple[str, ...] = ()) -> None:
        self.why, self.entry, self.persons = why, entry, persons


class Governance:
    """Sentence 3: zones, policies and model versions, and who approved each.

    ``explained`` has the newest basis of each, by kind, name and value; ``relevant`` all on which
    something was in force in the period, and what was in use. Entries before the period come first;
    ``known`` says that they lead to it from the first one on. ``sign_on`` names the issuers that
    give roles, ``clients`` those that sign approvals for an issuer; ``issuer_keys`` are trusted.
    """

    def __init__(self, issuer_keys: list[dict[str, Any]] | None = None) -> None:
        self.begun, self.known = False, True
        self.issuer_keys = issuer_keys
        self.signed: set[str] = set()  # entries whose approval an identity provider signed
        self.sign_on: set[str] = set()
        self.clients: dict[str, set[str]] = {}
        self.proposals: dict[str, dict[str, Any]] = {}
        self.approvals: dict[str, dict[str, Any]] = {}
        self.authors: dict[str, dict[str, Any]] = {}
        self.labels: dict[str, str] = {}
        self.in_force: dict[Tuple[str, str], Tuple[str, Ground]] = {}
        self.explained: dict[Subject, Ground] = {}
        self.relevant: dict[Subject, list[Ground]] = {}
        self.gone: list[str] = []
        self.cut: list[str] = []
        self.unreadable: list[str] = []

    def begin(self, known: bool) -> None:
        """Ends the entries from before the period."""
        self.begun, self.known = True, known
        for (kind, name), (value, basis) in self.in_force.items():
            self.relevant.setdefault(subject(kind, value, name), []).append(basis)

    def add(self, leaf: dict[str, Any], values: dict[str, Any] | None) -> None:
        """Takes an entry in."""
        event = leaf["event"]
        if event == SWAP or (event == INTENT and values is not None):
            self.add_use(leaf["bundle"], values or {})
        if leaf["log"] != CONTROL_LOG or event not in GOVERNANCE_EVENTS:
            return
        entry = entry_name(leaf)
        if values is None:
            self.gone.append(entry)
            return
        try:
            self.add_governance(event, entry, values)
            if event == "control:change:apply" and values.get("basis") == MANDATE:
                self.add_use_of_mandate(leaf, values)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
            self.unreadable.append(entry)

    def add_use(self, bundle: str, values: dict[str, Any]) -> None:
        """Takes in what a departure or a new snapshot of a gateway made use of."""
        if bundle:
            self.relevant.setdefault(subject("policy", bundle), [])
        if "provider" in values and "zone" in values:
            provider, zone = str(values["provider"]), str(values["zone"])
            self.relevant.setdefault(subject("zone", zone, provider), [])
        if "model_digest" in values:
            self.relevant.setdefault(subject("model", str(values["model_digest"])), [])

    def add_governance(self, event: str, entry: str, values: dict[str, Any]) -> None:
        """Takes in an entry that changes what is in force, or approves such a change."""
        what = event.split(":", 1)[1]
        if what == "proposal:create":
            self.proposals[values["proposal"]] = values
        elif what == "proposal:approve":
            self.approvals[values["proposal"]] = values
        elif what == "change:apply":
            for text in values.get("lines", ()):
                self.add_line(json.loads(text), entry, values)
            if "more" in values:
                self.cut.append(entry)
        elif what == "model:register":
            self.authors[values["digest"]] = values
            self.labels[values["digest"]] = "%s@%s" % (values["model"], values["version"])
        elif what == "model:approve":
            key = subject("model", values["digest"])
            self.explained[key] = self.model_basis(entry, values)
        elif what == "model:promote":
            key = subject("model", values["digest"])
            basis = self.explained.get(key) or Ground("unapproved", entry)
            self.put("model", "%s@%s" % (values["model"], values["tag"]), values["digest"], basis)
        else:  # a version is quarantined
            tags = [tag for tag, (value, _) in self.in_force.items() if value == values["digest"]]
            for tag in tags:
                del self.in_force[tag]

    def add_use_of_mandate(self, leaf: dict[str, Any], values: dict[str, Any]) -> None:
        """Takes in that one person acted alone, under a mandate that must be in force as it says.

        Raises:
            KeyError, TypeError, ValueError: when the entry does not say which.
        """
        used = json.loads(values[MANDATE])
        name, teams = "mandate %s/" % used["name"], used.get("teams", {})
        fields = ("grants", "until", "holder", "role")
        known = [self.in_force.get((FIELD, name + field), (None,))[0] for field in fields]
        in_force = known == [as_text(used.get(field)) for field in fields]
        in_force = in_force and used["until"] >= utc_text(leaf["time"] - WRITING_MS)[:10]
        lines = [json.loads(text) for text in values.get("lines", ())]
        if not in_force or not all(
            is_granted(line, used["grants"], teams, leaf["time"]) for line in lines
        ):
            ground = Ground("no_mandate", entry_name(leaf))
            self.relevant.setdefault(subject(FIELD, "", name), []).append(ground)

    def put(self, kind: str, name: str, value: str, basis: Ground) -> None:
        """Brings something into force, in place of what was there under its name."""
        key = subject(kind, value, name)
        self.in_force[kind, name] = value, basis
        self.explained[key] = basis
        if self.begun:
            self.relevant.setdefault(key, []).append(basis)

    def add_line(self, line: dict[str, Any], entry: str, values: dict[str, Any]) -> None:
        """Takes in one line of a difference."""
        kind, _, name = line["object"].partition(" ")
        field, before, after = line["field"] or "", line["before"], line["after"]
        if kind == "provider" and name and field in ("zone", ""):
            if not field:  # the whole provider
                before, after = zone_of(before), zone_of(after)
            self.change("zone", name, before, after, line, entry, values)
        elif kind == "policy" and field == "digest":
            self.change("policy", "", before, after, line, entry, values)
        elif kind == "model" and field == "digest" and values.get("basis") in UNAPPROVED:
            self.explained[subject("model", after)] = Ground(values["basis"], entry)
        elif kind == "model" and field == "state" and values.get("basis") in TWO_PERSONS:
            self.sign_model(name, line, entry, values)
        elif name and field and narrows_of(kind, field) is not ELSEWHERE:
            place = "%s %s/%s" % (kind, name, field)
            self.change(FIELD, place, as_text(before), as_text(after), line, entry, values)
        if name and not field and kind in DECIDING:
            self.remove(kind, name, line, entry, values)
        if kind == "issuer":
            self.add_issuer(name, field, before, after)

    def remove(
        self, kind: str, name: str, line: dict[str, Any], entry: str, values: dict[str, Any]
    ) -> None:
        """Takes in that an object is gone: one that signs approvals restricts."""
        prefix = "%s %s/" % (kind, name)
        for one in [one for one in self.in_force if one[0] == FIELD and one[1].startswith(prefix)]:
            del self.in_force[one]
        if kind == "issuer" and (line["before"] or {}).get("approvals"):
            ground = self.ground_of(False, line, entry, values)
            self.relevant.setdefault(subject(FIELD, "", prefix), []).append(ground)

    def add_issuer(self, name: str, field: str, before: Any, after: Any) -> None:
        """Takes in who signs on, and with which clients approvals are signed."""
        if field == "roles" and after:
            self.sign_on.add(name)
        elif field in ("roles", ""):
            self.sign_on.discard(name)
        elif field == "approvals" and after:
            self.clients.setdefault(name, set()).add(str(after["client_id"]))

    def sign_model(
        self, name: str, line: dict[str, Any], entry: str, values: dict[str, Any]
    ) -> None:
        """Takes in whether the approval of a model version is signed."""
        for digest, label in self.labels.items():
            known = self.explained.get(subject("model", digest))
            if label == name and known and known.why == "approved":
                why = self.signature_of(line, entry, values)
                self.explained[subject("model", digest)] = Ground(why, entry, known.persons)

    def change(
        self,
        kind: str,
        name: str,
        before: Any,
        after: Any,
        line: dict[str, Any],
        entry: str,
        values: dict[str, Any],
    ) -> None:
        """Takes in what came into force in place of what."""
        old = self.in_force.get((kind, name), (None,))[0]
        object_kind = line["object"].partition(" ")[0]
        narrows = narrows_of(object_kind, "zone" if kind == "zone" else line["field"]) or never
        said = (before, after) if kind == "zone" else (line["before"], line["after"])
        ground = self.ground_of(narrows(*said), line, entry, values)
        if old != before and ground.why not in UNAPPROVED and (self.known or old is not None):
            ground = Ground("jump", entry)
        if after is None:
            self.in_force.pop((kind, name), None)
            if kind == FIELD and ground.why not in ("narrowed", *FROM_OUTSIDE):
                self.relevant.setdefault(subject(kind, "", name), []).append(ground)
        else:
            self.put(kind, name, str(after), ground)

    def ground_of(
        self, narrows: bool, line: dict[str, Any], entry: str, values: dict[str, Any]
    ) -> Ground:
        """Why a change came into force."""
        why, persons = self.basis_of(narrows, line, values)
        if why == "approved":
            why = self.signature_of(line, entry, values)
        if why == "approved" and line["object"].startswith("use_case ") and not narrows:
            agreement = json.loads(values.get("agreement") or "{}")
            said = [str(values.get(one) or "") for one in ("author", "approver")]
            if not is_agreed(agreement, line["object"].partition(" ")[2], *said):
                why = "not_agreed"
        return Ground(why, entry, persons)

    def basis_of(
        self, narrows: bool, line: dict[str, Any], values: dict[str, Any]
    ) -> Tuple[str, Tuple[str, ...]]:
        """On which basis a change is in force."""
        basis = values.get("basis")
        if basis in UNAPPROVED:
            return str(basis), ()
        if basis in ONE_PERSON:
            return ("narrowed" if narrows else "widened"), ()
        if basis in (OWNER, FIRST_OWNER) and line["object"].startswith("admin_key "):
            own = line["field"] in OF_SECRET if basis == OWNER else line["field"] == "owner"
            first = basis == OWNER or line["before"] is None
            return (basis.replace("-", "_") if narrows or (own and first) else "widened"), ()
        if basis not in TWO_PERSONS:
            return "unexplained", ()
        return self.approval_of(str(values.get("proposal")), line)

    def signature_of(self, line: dict[str, Any], entry: str, values: dict[str, Any]) -> str:
        """Whether an identity provider signed the approval of a line, where persons sign on."""
        if "signed_approval" not in values:
            return "unsigned" if self.sign_on else "approved"
        approval = json.loads(values["signed_approval"])
        said, claims = json.loads(approval["text"]), token_claims(approval["token"])
        kind, _, name = line["object"].partition(" ")
        digest = hashlib.sha256(canonical(line["after"])).hexdigest()
        same = all(said[one] == values.get(one) for one in ("author", "approver", "proposal"))
        if kind == "admin_key":  # entries name it otherwise, and have a part of the digest alone
            of_field = [
                value
                for place, value in said["lines"].items()
                if place.startswith("admin_key/") and place.endswith("/" + line["field"])
            ]
            same = same and (digest in of_field or bool(of_field and line["field"] == "digest"))
        else:
            same = same and said["lines"].get("/".join((kind, name, line["field"]))) == digest
        audience = claims.get("aud")
        given = set(audience if type(audience) is list else [audience])
        clients = set().union(*self.clients.values()) if self.clients else given
        names = [claims[one] for one in TOKEN_NAMES if type(claims.get(one)) is str]
        signers = set().union(*map(name_forms, names)) if names else set()
        if (
            not same
            or claims.get("nonce") != approval_digest(approval["text"])
            or not given & clients
            or signers & name_forms(said["author"])
            or not token_is_signed(approval["token"], approval["key"])
        ):
            return "forged"
        if self.issuer_keys is not None and not any(
            same_key(approval["key"], one) for one in self.issuer_keys
        ):
            return "foreign_key"
        self.signed.add(entry)
        return "approved"

    def approval_of(self, proposal: str, line: dict[str, Any]) -> Tuple[str, Tuple[str, ...]]:
        """Whether two named persons approved a proposal with this line; a bundle has no lines."""
        if proposal not in self.approvals or proposal not in self.proposals:
            return "unapproved", ()
        for part in (self.approvals[proposal], self.proposals[proposal]):
            lines = [json.loads(one) for one in part.get("lines", ())]
            if part["kind"] != POLICY_KIND and not any(same_change(line, one) for one in lines):
                return "other", ()
            if part["kind"] == POLICY_KIND and not line["object"].startswith("policy"):
                return "other", ()
        return self.persons_of(self.proposals[proposal], self.approvals[proposal])

    def persons_of(
        self, author: dict[str, Any], decider: dict[str, Any]
    ) -> Tuple[str, Tuple[str, ...]]:
        """Whether two entries are of two persons, and the decider one whom entries know."""
        why, persons = two_persons(author, decider)
        if why == "approved" and not self.is_known(decider):
            return "no_person", ()
        return why, persons

    def is_known(self, decider: dict[str, Any]) -> bool:
        """Whether who decided had a key in force as the owner, or signs on where persons do.

        Entries of earlier releases, and a start that is not known, say nothing of keys.
        """
        keys = [one for one in self.in_force if one[0] == FIELD and one[1].startswith("admin_key ")]
        if not self.known or not keys:
            return True
        if decider.get("via") == "sign-on":
            return bool(self.sign_on)
        owner, _ = self.in_force.get(
            (FIELD, "admin_key %s/owner" % decider["name"]), ("null", None)
        )
        return bool(name_forms(str(json.loads(owner))) & name_forms(str(decider["person"])))

    def model_basis(self, entry: str, values: dict[str, Any]) -> Ground:
        """Why a model version was approved: another person than who registered it did so."""
        if str(values.get("principal")).startswith(BOOTSTRAP):
            return Ground("release", entry)
        if values["digest"] not in self.authors:
            return Ground("unapproved", entry)
        why, persons = self.persons_of(self.authors[values["digest"]], values)
        return Ground(why, entry, persons)

    def label(self, key: Subject) -> str:
        """What was in force, as text."""
        kind, value, name = key
        if kind == "zone":
            return "provider %s = %s" % (name, value)
        if kind == FIELD:
            return str(name)
        return "%s %s" % (kind, self.labels.get(value, value[: len("sha256:") + 16]))

    def bases_of(self, key: Subject) -> list[Ground]:
        """On what something was in force in the period; of what was just in use, the newest."""
        bases = {basis.entry: basis for basis in self.relevant[key]}
        return list(bases.values()) or [self.explained.get(key) or Ground("no_entry", "")]

    def findings(self) -> Findings:
        """What sentence 3 rests on."""
        found, narrowed = Findings(), 0
        approved: list[str] = []
        fields: Dict[Tuple[str, str, Tuple[str, ...]], list[str]] = {}
        for key in sorted(self.relevant, key=repr):
            for basis in self.bases_of(key):
                if key[0] == FIELD:
                    why = basis.why
                    if why == "bootstrap" and str(key[2]).startswith(PERSONS):
                        why = "first_persons"
                    group = fields.setdefault((why, basis.entry, basis.persons), [])
                    group.append(self.label(key))
                    continue
                facts = {"what": self.label(key), "entry": basis.entry}
                if basis.why == "approved":
                    approved.append(basis.entry)
                    found.add("s3_approved", persons=list(basis.persons), **facts)
                elif basis.why == "narrowed":
                    narrowed += 1
                    found.add("s3_narrowed", **facts)
                else:
                    found.problem("s3_" + basis.why, **facts)
        by_key = set(approved)
        for (why, entry, persons), names in sorted(fields.items()):
            facts = {"what": objects_with_fields(names), "entry": entry}
            if why == "approved":
                by_key.add(entry)
                found.add("s3_approved", persons=list(persons), **facts)
            elif why in FIELD_NOTES:
                found.add("s3_" + why, **facts)
            else:
                found.problem("s3_" + why, **facts)
        for what, names in (
            ("s3_gone", self.gone),
            ("s3_cut", self.cut),
            ("s3_unreadable", self.unreadable),
        ):
            if names:
                found.problem(what, names=names)
        if signed := self.signed.intersection(by_key):
            pinned = "s3_unpinned" if self.issuer_keys is None else "s3_pinned"
            found.add(pinned, count=len(signed))
        if by_key - self.signed:
            found.add("s3_by_key", count=len(by_key - self.signed))
        kinds = [kind for kind, _, _ in self.relevant]
        counts = {kind: kinds.count(kind) for kind in ("zone", "policy", "model")}
        found.notes.insert(
            0, ("s3_counts", {**counts, "approved": len(approved), "narrowed": narrowed})
        )
        return found


def canonical(value: Any) -> bytes:
    """A JSON value as it was hashed: keys in order, without spaces."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def approval_digest(text: str) -> str:
    """The nonce of a sign-on that approves a text."""
    return hashlib.sha256(b"sluis approval 1\n" + text.encode()).hexdigest()


def from_base64url(text: str) -> bytes:
    """Decodes base64url without padding."""
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)


def token_claims(token: str) -> dict[str, Any]:
    """What a token says; nothing of it is checked."""
    return cast(Dict[str, Any], json.loads(from_base64url(token.split(".")[1])))


def same_key(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two JWKs are the same public key."""
    return all(one.get(part) == other.get(part) for part in ("kty", "crv", "n", "e", "x", "y"))


def token_is_signed(token: str, key: dict[str, Any]) -> bool:
    """Whether a key made the signature of a token (RFC 7515): RS, PS, ES256 or EdDSA."""
    signed, _, last = token.rpartition(".")
    message, signature = signed.encode(), from_base64url(last)
    algorithm = json.loads(from_base64url(token.split(".")[0])).get("alg")
    if algorithm == "EdDSA":
        return key.get("crv") == "Ed25519" and signature_is_valid(
            from_base64url(key["x"]), message, signature
        )
    if algorithm == "ES256":
        return key.get("crv") == "P-256" and p256_is_valid(key, message, signature)
    if algorithm not in RSA_ALGORITHMS or key.get("kty") != "RSA":
        return False
    n, e = (int.from_bytes(from_base64url(key[part]), "big") for part in ("n", "e"))
    size = (n.bit_length() + 7) // 8
    if n.bit_length() < 2048 or e < 3 or len(signature) != size:
        return False
    opened = pow(int.from_bytes(signature, "big"), e, n).to_bytes(size, "big")
    name, prefix = RSA_ALGORITHMS[algorithm]
    digest = hashlib.new(name, message).digest()
    if prefix is None:
        return pss_holds(opened, digest, name, n.bit_length() - 1)
    tail = prefix + digest
    return opened == b"\x00\x01" + b"\xff" * (size - len(tail) - 3) + b"\x00" + tail


def pss_holds(opened: bytes, digest: bytes, name: str, bits: int) -> bool:
    """Whether an opened RSA signature is the encoding of a digest (RFC 8017, section 9.1.2)."""
    length, size = (bits + 7) // 8, len(digest)
    encoded = opened[len(opened) - length :]
    if any(opened[: len(opened) - length]) or encoded[-1] != 0xBC or length < 2 * size + 2:
        return False
    masked, seed = encoded[: length - size - 1], encoded[length - size - 1 : -1]
    mask = b"".join(
        hashlib.new(name, seed + number.to_bytes(4, "big")).digest()
        for number in range(-(-len(masked) // size))
    )
    block = bytearray(a ^ b for a, b in zip(masked, mask))
    unused = 8 * length - bits
    if masked[0] >> (8 - unused):
        return False
    block[0] &= 0xFF >> unused
    salt = block[-size:]
    start = len(block) - size - 1
    if any(block[:start]) or block[start] != 1:
        return False
    return hashlib.new(name, bytes(8) + digest + bytes(salt)).digest() == seed


def p256_is_valid(key: dict[str, Any], message: bytes, signature: bytes) -> bool:
    """Whether a signature of ECDSA with P-256 and SHA-256 is valid (FIPS 186-5, section 6.4)."""
    point = tuple(int.from_bytes(from_base64url(key[part]), "big") for part in ("x", "y"))
    x, y = point
    if not (0 <= x < P256 and 0 <= y < P256) or (y * y - x**3 + 3 * x - P256_B) % P256:
        return False
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
    if len(signature) != 64 or not (0 < r < P256_N and 0 < s < P256_N):
        return False
    number = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, P256_N)
    found = p256_add(
        p256_multiply(number * inverse % P256_N, P256_G),
        p256_multiply(r * inverse % P256_N, (x, y)),
    )
    return found is not None and found[0] % P256_N == r


def p256_add(p: PlanePoint | None, q: PlanePoint | None) -> PlanePoint | None:
    """Adds two points of P-256; None is the neutral one."""
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P256 == 0:
            return None
        slope = (3 * p[0] ** 2 - 3) * pow(2 * p[1], -1, P256)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P256)
    x = (slope**2 - p[0] - q[0]) % P256
    return x, (slope * (p[0] - x) - p[1]) % P256


def p256_multiply(scalar: int, point: PlanePoint) -> PlanePoint | None:
    """Multiplies a point of P-256."""
    found: PlanePoint | None = None
    added: PlanePoint | None = point
    while scalar:
        if scalar & 1:
            found = p256_add(found, added)
        added = p256_add(added, added)
        scalar >>= 1
    return found


def subject(kind: str, value: str, name: str | None = None) -> Subject:
    """The key of what is in force; a model version is the same under every tag."""
    return kind, value, name if kind in ("zone", FIELD) else None


def as_text(value: Any) -> str | None:
    """A value as text, to compare it; None where there is none."""
    return None if value is None else canonical(value).decode()


def objects_with_fields(places: list[str]) -> str:
    """Fields by their object: ``provider eu (base_url, kind)``."""
    found: Dict[str, list[str]] = {}
    for place in places:
        name, _, field = place.rpartition("/")
        found.setdefault(name, []).append(field)
    return "; ".join(
        name + " (%s)" % ", ".join(sorted(set(fields))) if any(fields) else name
        for name, fields in sorted(found.items())
    )


def is_agreed(agreement: dict[str, Any], use_case: str, author: str, approver: str) -> bool:
    """Whether an agreement names who must agree that a use case starts.

    They are an approver who is officer for data protection and is not the author, and the owner,
    who is another person; for an owner who is no known person a third one takes part.
    """
    approvers = [one for one in (approver, *agreement.get("others", ())) if one]
    officer, owner = agreement.get("officer"), agreement.get("owners", {}).get(use_case)
    if not officer or not is_one_of(officer, approvers) or is_one_of(officer, [author]):
        return False
    if owner is None:
        return bool(author) and len(distinct([author, *approvers])) > 2
    return is_one_of(owner, [author, *approvers]) and not is_one_of(owner, [officer])


def is_one_of(person: str, persons: list[str]) -> bool:
    """Whether a person is one of several, however the name is written."""
    forms = name_forms(person) - {""}
    return any(forms & name_forms(name) for name in persons)


def distinct(persons: list[str]) -> list[str]:
    """Of persons one of each."""
    found: list[str] = []
    for person in persons:
        if not is_one_of(person, found):
            found.append(person)
    return found


def is_granted(
    line: dict[str, Any], grants: list[dict[str, Any]], teams: dict[str, str], time: int
) -> bool:
    """Whether a mandate grants what a line says, or the line needs no power.

    ``teams`` are those of keys, by id. A line has the name of a key: it may be of each of them.
    ``time`` is that of the entry, from which a life in days counts.
    """
    kind, _, name = line["object"].partition(" ")
    known = [name] if kind == "team" else list(teams.values())
    field, after = line["field"], line["after"]
    if after is None:
        after = UNSTATED.get(field)
    elif field == "expires":
        after = (after - time / 1000) / 86_400
    return not line.get("power") or any(
        grant["kind"] == kind
        and bool(known)
        and not set(known) - set(grant["teams"])
        and field in grant["most"]
        and after is not None
        and within(grant["most"][field], after, field == "floor")
        for grant in grants
    )


def zone_of(provider: Any) -> Any:
    """The zone of a whole provider, None where there is none."""
    return provider.get("zone") if type(provider) is dict else None


def same_change(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two lines change the same value in the same way."""
    return all(one[name] == other[name] for name in ("object", "field", "before", "after"))


def name_forms(name: str) -> set[str]:
    """How the name of a person is compared: two with a form in common are the same."""
    plain = unicodedata.normalize("NFKC", name)
    shown = "".join(one for one in plain if unicodedata.category(one) != "Cf").strip()
    latin = "".join(LOOK_ALIKES.get(one, one) for one in shown)
    capital = "".join(LOOK_ALIKES.get(one.upper(), one) for one in latin)
    return {shown.casefold(), latin.casefold(), capital.casefold()}


def two_persons(author: dict[str, Any], decider: dict[str, Any]) -> Tuple[str, Tuple[str, ...]]:
    """Whether the authors of two entries are two named persons: the reason, and their names."""
    persons = [str(one.get("person") or "") for one in (author, decider)]
    names = [str(one.get("name") or "") for one in (author, decider)]
    if decider.get("one_person"):
        return "one_person", ()
    if not all(persons) or not all(names) or OPERATOR in persons:
        return "unnamed", ()
    known = name_forms(persons[0])
    if known & name_forms(persons[1]) or not known & name_forms(str(decider.get("author_person"))):
        return "same_person", ()
    return "approved", tuple("%s (%s)" % pair for pair in zip(names, persons))


class Exceptions:
    """Sentence 4: what was out of the ordinary; of flags on requests the number and the times."""

    def __init__(self) -> None:
        self.listed: dict[str, list[str]] = {}
        self.flagged: dict[str, list[int]] = {}
        self.gone: list[str] = []

    def add(self, leaf: dict[str, Any], values: dict[str, Any] | None) -> None:
        """Takes an entry in. The names of its fields are known even where its values are gone."""
        event, fields, known = leaf["event"], leaf["sd"], values or {}
        if event in SINGLE_EXCEPTIONS:
            self.put(SINGLE_EXCEPTIONS[event], leaf, known.get("owner"))
        elif values is None and not event.startswith("request:"):
            self.gone.append(entry_name(leaf))
        basis = known.get("basis")
        if str(known.get("principal")).startswith(BOOTSTRAP):
            basis = "release"
        if known.get("one_person") is True:
            basis = "alone"
        if basis in UNAPPROVED:
            self.put(basis, leaf)
        if basis == MANDATE:
            self.put(MANDATE, leaf, known.get("author"))
        if basis == FIRST_OWNER:
            self.put(SINGLE_EXCEPTIONS[KEY_OWN], leaf)
        if known.get("kind") == BREAK_GLASS:
            self.put("break_glass", leaf)
        if "degraded" in fields:
            self.flag("degraded", leaf["time"])
        if "kept_inside" in fields and "snapshot.stale" in known.get(
            "kept_inside", ["snapshot.stale"]
        ):
            self.flag("stale", leaf["time"])

    def put(self, kind: str, leaf: dict[str, Any], person: object = None) -> None:
        """Lists an entry, with the person whom it names."""
        name = "%s %s" % (entry_name(leaf), utc_text(leaf["time"]))
        self.listed.setdefault(kind, []).append(name + (" (%s)" % person if person else ""))

    def flag(self, kind: str, time: int) -> None:
        """Counts an entry, and keeps the first and last time."""
        count, first, last = self.flagged.get(kind, (0, time, time))
        self.flagged[kind] = [count + 1, min(first, time), max(last, time)]

    def findings(self) -> Findings:
        """What sentence 4 rests on."""
        found = Findings()
        if self.gone:
            found.problem("s4_gone", names=self.gone)
        for kind, names in sorted(
            self.listed.items(), key=lambda one: (one[0] != "recovery", one[0])
        ):
            found.add("s4_" + kind, names=names, count=len(names))
        for kind, (count, first, last) in sorted(self.flagged.items()):
            found.add("s4_" + kind, count=count, first=utc_text(first), last=utc_text(last))
        if not self.listed and not self.flagged:
            found.add("s4_none")
        return found


def entry_name(leaf: dict[str, Any]) -> str:
    """The number and the log of an entry."""
    return "%s:%d" % (leaf["log"], leaf["seq"])


class Statement:
    """The five sentences about a package; it gets every entry, those before the period first."""

    def __init__(self, issuer_keys: list[dict[str, Any]] | None = None) -> None:
        self.governance, self.ratings = Governance(issuer_keys), Ratings()
        self.exceptions = Exceptions()
        self.departures: DepartureLedger
        self.start: Reason
        self.sentences: list[Tuple[str, list[Reason]]] = []
        self.period: dict[str, str] = {}

    def begin(self, manifest: dict[str, Any], start: Reason) -> None:
        """Begins the entries of the period; ``start`` says how what was in force is known."""
        self.start = start
        self.governance.begin(start[0] in KNOWN_STARTS)
        self.departures = DepartureLedger(manifest)
        self.period = {"since": utc_text(manifest["from"]), "until": utc_text(manifest["to"])}

    def add(self, leaf: dict[str, Any], values: dict[str, Any] | None) -> None:
        """Takes an entry of the period in; ``values`` are None where they are gone."""
        self.departures.add(leaf, values or {})
        self.ratings.add(leaf, values)
        self.governance.add(leaf, values)
        self.exceptions.add(leaf, values)

    def finish(
        self,
        profile: PackageProfile,
        published: dict[str, Any] | None,
        witness: Reason,
        period: list[Reason],
    ) -> None:
        """Makes the sentences, when all entries are in; ``period`` says how it is bounded."""
        found = [
            self.departures.findings(),
            self.ratings.findings(published),
            self.governance.findings(),
            self.exceptions.findings(),
        ]
        if self.start[0] in KNOWN_STARTS:
            found[2].add(self.start[0], **self.start[1])
        else:
            found[2].problem(self.start[0], **self.start[1])
        if profile.where is not None:
            found[0].problem("sx_selection")
        if profile.where is not None or profile.shown is not None:
            found[2:] = [Findings(), Findings()]
            for one in found[2:]:
                one.problem("sx_withheld" if profile.where is None else "sx_selection")
        for one in found:
            one.problems += [reason for reason in period if reason[0] != "period"]
        self.sentences = [
            (NOT_PROVEN if one.problems else PROVEN, one.problems + one.notes) for one in found
        ]
        seen = {"witnessed": PROVEN, "witnessed_file": PROVEN, "claims": ASSUMED}
        self.sentences.append((seen.get(witness[0], NOT_PROVEN), [witness]))

    def document(self, language: str) -> dict[str, Any]:
        """The statement for a program."""
        return {
            **self.period,
            "sentences": [
                {
                    "number": number,
                    "sentence": localized(language, "s%d" % number),
                    "verdict": verdict,
                    "reasons": [
                        {"code": what, "text": localized(language, what, **facts), **facts}
                        for what, facts in reasons
                    ],
                }
                for number, (verdict, reasons) in enumerate(self.sentences, 1)
            ],
        }

    def lines(self, language: str) -> Iterator[str]:
        """The statement for a reader."""
        yield ""
        yield localized(language, "statement", **self.period)
        for number, (verdict, reasons) in enumerate(self.sentences, 1):
            yield "%d. %s: %s" % (
                number,
                localized(language, verdict),
                localized(language, "s%d" % number),
            )
            for what, facts in reasons:
                yield "   - " + localized(language, what, **facts)


def check_prefix(
    package: zipfile.ZipFile,
    manifest: dict[str, Any],
    profile: PackageProfile,
    statement: Statement | None,
) -> Reason:
    """Check 10: the governance log before the period is whole, and leads to its first entry here.

    Gives how it is known what was in force when the period began.
    """
    here = manifest["logs"].get(CONTROL_LOG)
    if GOVERNANCE_PART not in package.namelist():
        if here is None:
            return "s3_unbound", {}
        return ("s3_no_prefix" if here["first_seq"] else "s3_whole"), {}
    head, count = GENESIS, 0
    for line in part_lines(package, GOVERNANCE_PART, MAX_LINE):
        try:
            leaf, raw, values = prefix_entry(line.decode(), profile)
            follows = (leaf["log"], leaf["seq"], leaf["prev"]) == (CONTROL_LOG, count, head)
        except (CommitmentMismatch, ValueError, KeyError, TypeError, IndexError, RecursionError):
            raise VerificationError(TAMPERED, "prefix", number=count + 1)
        if not follows:
            raise VerificationError(TAMPERED, "prefix", number=count + 1)
        head, count = hashlib.sha256(b"\x00" + raw).hexdigest(), count + 1
        if statement:
            statement.governance.add(leaf, values)
    if here is None or (here["first_seq"], here["first_prev"]) != (count, head):
        raise VerificationError(TAMPERED, "prefix", number=count + 1)
    return "s3_start", {"count": count}


def prefix_entry(
    text: str, profile: PackageProfile
) -> tuple[dict[str, Any], bytes, dict[str, Any] | None]:
    """Leaf, hashed bytes and values of a line of the governance log; closed where it says nothing.

    Raises CommitmentMismatch or ValueError as ``check_line`` does.
    """
    leaf = json.loads(text)["leaf"]
    shown = profile.shown if leaf["event"] in GOVERNANCE_EVENTS else ()
    leaf, raw, _, deletion, body = check_line(text, profile, shown)
    if body is not None or (deletion is not None and shown == ()):
        raise ValueError
    return leaf, raw, None if deletion is not None else disclosed_values(text)


def disclosed_values(text: str) -> dict[str, Any]:
    """The disclosed values of a line that was checked."""
    return {name: value for _, name, value in json.loads(text)["disclosure"]}


def published_rate(package: zipfile.ZipFile) -> dict[str, Any] | None:
    """The published figures of detection in the package: what it misses."""
    if DETECTORS_PART not in package.namelist():
        return None
    try:
        one = json.loads(read_part(package, DETECTORS_PART))["published"]
        names = ("texts", "values", "masked", "restricted", "restricted_too_low")
        if not are_counts(*(one[name] for name in names)) or not one["values"]:
            return None
        missed = one["values"] - one["masked"]
        return {
            "missed": missed,
            "percent": "%.1f" % (100 * missed / one["values"]),
            "low": one["restricted_too_low"],
            **{name: one[name] for name in ("texts", "values", "restricted")},
            **{name: str(one[name]) for name in ("detectors", "measured")},
        }
    except (ValueError, KeyError, TypeError, RecursionError):
        raise VerificationError(TAMPERED, "malformed", name=DETECTORS_PART)


def check_entries(
    package: zipfile.ZipFile,
    manifest: dict[str, Any],
    profile: PackageProfile,
    outside: list[bytes],
    wanted_sizes: set[int],
    statement: Statement | None = None,
) -> tuple[EntryClaims, dict[int, tuple[bytes, int | None]], tuple[list[int], list[int]]]:
    """Check 7: all entries are chained, complete, and in their position in the signed tree.

    Gives their claims, for each of ``wanted_sizes`` (sizes of the log within the period) the tree
    head of that size and the time of the next entry, and the times of ``check_edges``.
    """
    heads = {log: (r["first_seq"], r["first_prev"]) for log, r in manifest["logs"].items()}
    first, count = manifest["first"], manifest["count"]
    end, claims = first + count, EntryClaims(statement)
    heads_at: dict[int, tuple[bytes, int | None]] = {}
    # The entries before the range are one whole subtree for each set bit of its first index.
    before = bin(first).count("1")
    subtrees, after = outside[:before], iter(outside[before:])
    if len(subtrees) != before:
        raise VerificationError(TAMPERED, "outside")
    sha256, digest = hashlib.sha256, hashlib.sha256()
    left = iter(sorted(wanted_sizes))
    wanted, size, number = next(left, None), first, 0
    for number, line in enumerate(entry_lines(package, digest, profile), 1):
        try:
            leaf, raw = claims.add_line(line, profile)
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
        if size == wanted:
            heads_at[size], wanted = (root_of_subtrees(subtrees), time), next(left, None)
        hashed = sha256(b"\x00" + raw)
        heads[log] = (seq + 1, hashed.hexdigest())
        append_leaf(subtrees, size, hashed.digest())
        size += 1
    if size != end:
        raise VerificationError(TAMPERED, "fewer", found=number, wanted=count)
    if wanted == end:
        heads_at[end] = (root_of_subtrees(subtrees), None)
    if digest.hexdigest() != manifest["parts"]["entries.jsonl"]:
        raise VerificationError(TAMPERED, "changed", name="entries.jsonl")
    for log, found in manifest["logs"].items():
        if heads[log] != (found["last_seq"] + 1, found["last_hash"]):
            raise VerificationError(TAMPERED, "end", log=log)
    check_root(manifest, subtrees, after, end)
    return claims, heads_at, check_edges(package, manifest, outside[:before], subtrees)


def check_edges(
    package: zipfile.ZipFile, manifest: dict[str, Any], left: list[bytes], right: list[bytes]
) -> tuple[list[int], list[int]]:
    """Check 11: the times of the closed entries just before and just after the others.

    ``left`` and ``right`` are the subtrees of the log up to the entries, and with them. None of
    the closed entries is of the period, and they are those of the tree.
    """
    first, end, since, until = (manifest[name] for name in ("first", "count", "from", "to"))
    end += first
    if EDGES_PART not in package.namelist():
        return [], []
    try:
        proof = json.loads(read_part(package, "proof.json"))["edges"]
        count, outside = proof["before"], [bytes.fromhex(node) for node in proof["outside"]]
        lines = list(part_lines(package, EDGES_PART, MAX_LINE))
        times = [json.loads(line)["time"] for line in lines]
        placed = are_counts(count, *times) and count <= min(first, len(lines))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise VerificationError(TAMPERED, "malformed", name=EDGES_PART)
    nodes = [hashlib.sha256(b"\x00" + line).digest() for line in lines]
    size = bin(first - count).count("1") if placed else 0
    if not placed or end + len(lines) - count > manifest["size"]:
        raise VerificationError(TAMPERED, "malformed", name=EDGES_PART)
    near = outside[:size]
    for index, node in enumerate(nodes[:count], first - count):
        append_leaf(near, index, node)
    for index, node in enumerate(nodes[count:], end):
        append_leaf(right, index, node)
    if near != left:
        raise VerificationError(TAMPERED, "outside")
    check_root(manifest, right, iter(outside[size:]), end + len(lines) - count)
    if any(since <= time < until for time in times):
        raise VerificationError(TAMPERED, "edge")
    return times[:count], times[count:]


def period_messages(
    manifest: dict[str, Any], claims: EntryClaims, edges: tuple[list[int], list[int]], closed: int
) -> list[Reason]:
    """Check 11: how far the period is proven; at ``closed`` a witness saw the log end with it."""
    since, until, (before, after) = manifest["from"], manifest["to"], edges
    found: list[Reason] = []
    if manifest["first"] > len(before) and min([claims.earliest, *before]) >= since - LATE_MS:
        found.append(("no_begin", {}))
    if max([claims.latest, closed, *after]) < until + LATE_MS:
        found.append(("no_end", {}))
    facts = {"since": utc_text(since), "until": utc_text(until), "late": LATE_MS // 1000}
    return found or [("period", facts)]


def check_root(
    manifest: dict[str, Any], subtrees: list[bytes], after: Iterator[bytes], end: int
) -> None:
    """Check 7: the entries and the heads outside them, which are all used, give the signed root."""
    try:
        root = root_with_outside(subtrees, after, end, manifest["size"])
    except (StopIteration, RuntimeError, IndexError):
        raise VerificationError(TAMPERED, "outside")
    if next(after, None) is not None:
        raise VerificationError(TAMPERED, "outside")
    if root.hex() != manifest["root"]:
        raise VerificationError(TAMPERED, "other_tree")


# Witnesses.


def checkpoints_in_file(path: str) -> Iterator[tuple[str, list[str], str, int, bytes]]:
    """Body, signature lines, origin, size and head of each checkpoint in a file."""
    try:
        with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
            for body, signatures in parse_notes(iter(lambda: file.readline(MAX_LINE), "")):
                try:
                    yield (body, signatures, *parse_checkpoint(body))
                except ValueError:
                    pass  # a note, but not a checkpoint
    except OSError:
        raise VerificationError(INCOMPLETE, "no_witness_file")


def witnessed_sizes(files: list[str], origin: str, first: int, end: int) -> set[int]:
    """The sizes within the period, its start excluded, for which files have a head of this log."""
    notes = (note for path in files for note in checkpoints_in_file(path))
    return {size for _, _, name, size, _ in notes if name == origin and first < size <= end}


def largest_kept_size(
    files: list[str], origin: str, heads: dict[int, bytes], keys: set[bytes]
) -> int:
    """Check 8: the largest size for which a witness file has the proven head, -1 without one."""
    best = -1
    for path in files:
        for body, signatures, name, size, head in checkpoints_in_file(path):
            if name != origin or size not in heads:
                continue
            if head == heads[size]:
                best = max(best, size)
            elif note_is_signed(body, signatures, origin, keys):
                raise VerificationError(TAMPERED, "fork", size=size)
    return best


def best_cosignature(
    notes: list[tuple[str, list[str], int, bytes]], witnesses: list[tuple[str, bytes]], end: int
) -> tuple[int, str, int]:
    """Check 8: size, name and time of the earliest cosignature over the most of the period."""
    found = [
        (min(size, end), -time, name)
        for body, signatures, size, _ in notes
        for name, time in cosignatures(body, signatures, witnesses)
    ]
    size, time, name = max(found, default=(-1, 0, ""))
    return size, name, -time


def closing_time(
    notes: list[tuple[str, list[str], int, bytes]], witnesses: list[tuple[str, bytes]], end: int
) -> int:
    """Check 11: when a trusted witness last saw the log with ``end`` entries; 0 without one."""
    found = [
        time * 1000
        for body, signatures, size, _ in notes
        if size == end
        for _, time in cosignatures(body, signatures, witnesses)
    ]
    return max(found, default=0)


def utc_text(milliseconds: Any) -> str:
    """A time as text, in UTC; a question mark for a time that no clock can show."""
    try:
        time = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    except (ValueError, OverflowError, OSError, TypeError):
        return "?"
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")


class TrustRoots:
    """What the verifier trusts; nothing of it comes from the package.

    ``public`` is the operator's key, ``chains`` are texts with rotations of keys, ``witnesses``
    names with keys, ``files`` paths of checkpoints that witnesses kept. ``require`` says that the
    whole period must be witnessed.
    """

    def __init__(
        self,
        public: bytes,
        chains: list[str],
        witnesses: list[tuple[str, bytes]],
        files: list[str],
        require: bool,
    ) -> None:
        self.public, self.chains, self.witnesses = public, chains, witnesses
        self.files, self.require = files, require


def check_heads(
    package: zipfile.ZipFile, manifest: dict[str, Any], keys: set[bytes]
) -> tuple[str, list[tuple[str, list[str], int, bytes]], int, list[bytes], list[tuple[str, int]]]:
    """Check 5: this log signed all checkpoints, and each tree is a prefix of the newest one.

    Gives the log's name, the checkpoints, the size of the one from before the period (0 without
    one), the heads outside the entries, and the parts of time stamps with the stamped sizes.
    """
    outside, grown, seen, stamped = read_proof(package)
    size, root = manifest["size"], bytes.fromhex(manifest["root"])
    stamps = timestamp_parts(package, stamped)
    notes = read_checkpoints(package, "checkpoint.txt", keys)
    if len(notes) != 1 or notes[0][2:] != (size, root):
        raise VerificationError(TAMPERED, "checkpoint")
    sizes: dict[str, int] = {}
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


def verify(
    path: str, trust: TrustRoots, statement: Statement | None = None
) -> list[tuple[str, dict[str, object]]]:
    """What is proven, as keys and values of messages; raises VerificationError otherwise.

    A ``statement`` gets every entry, and its sentences.
    """
    # 0. The file is safe to read and has the required parts.
    with open_package(path) as package:
        # 1. Keys: the given key, and those that valid rotations connect with it.
        chain = [read_text(package, "keys.txt")] if "keys.txt" in package.namelist() else []
        keys = trusted_keys(trust.public, [*trust.chains, *chain])
        # 2. Manifest: signed by a trusted key, consistent, and complete.
        manifest = read_manifest(package, keys)
        # 3. Profile.
        profile = read_profile(manifest)
        # 4. Parts: each has its signed digest.
        check_parts(package, manifest)
        # 5. Checkpoints: signed by this log, and each tree a prefix of the newest one.
        origin, notes, old, outside, stamps = check_heads(package, manifest, keys)
        first, end = manifest["first"], manifest["first"] + manifest["count"]
        # 6. Time stamps: each covers the note beside it.
        stamped = list(check_timestamps(package, stamps, end))
        # 8. Witnesses, first part: cosignatures by trusted witnesses.
        cosignature = best_cosignature(notes, trust.witnesses, end)
        wanted_sizes = witnessed_sizes(trust.files, origin, first, end)
        wanted_sizes |= {first, max(first, cosignature[0])}
        # 10. Governance: what was in force before the period, up to its first entry.
        start = check_prefix(package, manifest, profile, statement)
        if statement:
            statement.begin(manifest, start)
        # 7. Entries: chained, complete, as committed to, and in the signed tree.
        claims, heads_at, edges = check_entries(
            package, manifest, profile, outside, wanted_sizes, statement
        )
        published = published_rate(package) if statement else None
    # 8. Witnesses, second part: their files hold the heads that the entries gave.
    heads = {size: head for _, _, size, head in notes}
    heads.update({size: head for size, (head, _) in heads_at.items()})
    kept_size = min(largest_kept_size(trust.files, origin, heads, keys), end)
    after = max(cosignature[0], kept_size, first)
    covered = max(cosignature[0], kept_size) >= end
    gap: dict[str, object] = {}
    if not covered:
        gap = {"after": after + 1, "end": end, "time": utc_text(heads_at[after][1])}
    if trust.require and gap:
        raise VerificationError(INCOMPLETE, "partly" if after > first else "unwitnessed", **gap)
    witness = witness_message(manifest, trust, end, cosignature, gap, after > first)
    period = period_messages(manifest, claims, edges, closing_time(notes, trust.witnesses, end))
    if statement:
        statement.finish(profile, published, witness, period)
    # 9. Deletions, as the messages are made: each named record records them.
    return [
        *entries_messages(manifest, trust, old),
        *period,
        *disclosure_messages(manifest, profile, claims),
        *policy_messages(manifest, claims),
        *claims.deletion_messages(manifest["logs"]),
        witness,
        *stamped,
        *unchecked_messages(manifest, claims),
        ("not_proven", {}),
        *([("not_proven_history", {})] if gap else []),
    ]


def entries_messages(
    manifest: dict[str, Any], trust: TrustRoots, old: int
) -> Iterator[tuple[str, dict[str, object]]]:
    """What is proven of the entries themselves."""
    first, count, size = manifest["first"], manifest["count"], manifest["size"]
    yield "holds", {"count": count, "logs": len(manifest["logs"])}
    if count:
        yield "range", {"first": first + 1, "end": first + count, "size": size}
    else:
        yield "range_none", {"size": size}
    yield ("grown", {"old": old}) if old else ("not_grown", {})
    if bytes.fromhex(manifest["key"]) != trust.public:
        yield "chained", {}


def disclosure_messages(
    manifest: dict[str, Any], profile: PackageProfile, claims: EntryClaims
) -> Iterator[tuple[str, dict[str, object]]]:
    """How much is disclosed."""
    if profile.where is not None:
        criteria = sorted(profile.where.items())
        where = ", ".join("%s=%s" % (name, "|".join(sorted(values))) for name, values in criteria)
        yield "selected", {"where": where, "selected": claims.selected, "count": manifest["count"]}
        if claims.unknown:
            yield "selected_gone", {"unknown": claims.unknown}
    facts = {"withheld": claims.withheld, "bodies": claims.bodies}
    yield "profile_" + profile.name, {**facts, "approval": manifest.get("approval")}
    other = sorted(claims.fields - PERSONAL)
    if other:
        yield "withheld_other", {"fields": ", ".join(other)}


def policy_messages(
    manifest: dict[str, Any], claims: EntryClaims
) -> Iterator[tuple[str, dict[str, object]]]:
    """Whether the policies that the entries name are in the package."""
    named = {bundle for bundle in claims.bundles if bundle}
    missing = sorted(one for one in named if policy_part(one) not in manifest["parts"])
    if missing:
        digests = [one[:19] for one in missing[:MAX_NAMED]]
        digests += ["..."] * (len(missing) > MAX_NAMED)
        yield "policies_missing", {"count": len(missing), "digests": ", ".join(digests)}
    elif named:
        yield "policies", {"count": len(named)}


def unchecked_messages(
    manifest: dict[str, Any], claims: EntryClaims
) -> Iterator[tuple[str, dict[str, object]]]:
    """The parts that nothing in the entries, the tree or the keys confirms."""
    checked = CHECKED_PARTS | {policy_part(one) for one in claims.bundles if one}
    names = [name for name in sorted(manifest["parts"]) if name not in checked]
    names = [name for name in names if not name.startswith("timestamps/")]
    for start in range(0, len(names), MAX_LISTED):
        yield "unchecked", {"names": names[start : start + MAX_LISTED]}


def policy_part(bundle: str) -> str:
    """The part with the policies of a bundle."""
    return "policies/%s.json" % bundle[len("sha256:") :]


def witness_message(
    manifest: dict[str, Any],
    trust: TrustRoots,
    end: int,
    cosignature: tuple[int, str, int],
    gap: dict[str, object],
    partly: bool,
) -> tuple[str, dict[str, object]]:
    """Which witnesses cover the period, as far as the verifier can know."""
    size, name, time = cosignature
    if size >= end:
        return "witnessed", {"name": name, "time": utc_text(time * 1000)}
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


def read_file(path: str, what: str, code: int) -> str:
    """A small text file."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MAX_SMALL)
    except (OSError, ValueError):
        raise VerificationError(code, what)
    return text


def read_key(path: str) -> bytes:
    """The public key: 32 bytes as hex in a small file."""
    try:
        key = bytes.fromhex(read_file(path, "no_key", UNKNOWN_KEY).strip())
    except ValueError:
        raise VerificationError(UNKNOWN_KEY, "no_key")
    if len(key) != 32:
        raise VerificationError(UNKNOWN_KEY, "no_key")
    return key


def read_witness_keys(path: str) -> list[tuple[str, bytes]]:
    """Names and keys of witnesses, one per line, in the form of C2SP: name+id+base64."""
    found: list[tuple[str, bytes]] = []
    for line in read_file(path, "no_witness_key", INCOMPLETE).split("\n"):
        if line.strip():
            name, _, rest = line.strip().partition("+")
            try:
                blob = from_base64(rest.partition("+")[2])
            except ValueError:
                raise VerificationError(INCOMPLETE, "no_witness_key")
            if blob[:1] != COSIGNATURE_TYPE or len(blob) != 33 or not name:
                raise VerificationError(INCOMPLETE, "no_witness_key")
            found.append((name, blob[1:]))
    return found


def read_issuer_keys(path: str) -> list[dict[str, Any]]:
    """The keys of a JWK set (RFC 7517), as an identity provider publishes them."""
    try:
        return list(json.loads(read_file(path, "no_issuer_keys", INCOMPLETE))["keys"])
    except (ValueError, KeyError, TypeError):
        raise VerificationError(INCOMPLETE, "no_issuer_keys")


def own_language() -> str:
    """Dutch when the system's language is Dutch, else English."""
    names = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next(filter(None, [*names, locale.getlocale()[0]]), "")
    return "nl" if name.lower().startswith(("nl", "dutch")) else "en"


def main(arguments: list[str] | None = None) -> int:
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
    parser.add_argument(
        "--statement", action="store_true", help="say what is proven of the period, and what not"
    )
    parser.add_argument(
        "--issuer-keys", action="append", default=[], help="JWK sets of identity providers"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--language", "--lang", choices=("en", "nl"), default=own_language())
    options = parser.parse_args(arguments)
    statement = None
    try:
        given = [key for path in options.issuer_keys for key in read_issuer_keys(path)]
        if options.statement:
            statement = Statement(given if options.issuer_keys else None)
        chains = [read_file(options.chain, "no_chain", UNKNOWN_KEY)] if options.chain else []
        witnesses = [key for path in options.witness_key for key in read_witness_keys(path)]
        trust = TrustRoots(
            read_key(options.key), chains, witnesses, options.witness_file, options.require_witness
        )
        messages = verify(options.package, trust, statement)
    except VerificationError as error:
        kind, language = RESULTS[error.code], options.language
        text = "%s: %s" % (localized(language, kind), error.message(language))
        show(error.code, [text], None, language, options.json)
        return error.code
    texts = [localized(options.language, what, **facts) for what, facts in messages]
    show(OK, texts, statement, options.language, options.json)
    return OK


def show(
    code: int, texts: list[str], statement: Statement | None, language: str, as_json: bool
) -> None:
    """Prints the result."""
    if not as_json:
        print("\n".join([*texts, *(statement.lines(language) if statement else ())]))
        return
    found: dict[str, Any] = {"result": RESULTS[code], "exit_code": code, "lines": texts}
    if statement:
        found["statement"] = statement.document(language)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    sys.exit(main())
