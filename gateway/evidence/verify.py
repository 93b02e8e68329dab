#!/usr/bin/env python3
"""Verifies an export of the audit trail. Stands alone: Python 3.9 or later, standard library only.

    python3 verify.py EXPORT.zip --key signing.pub

Exit codes: 0 all of it holds, 1 tampered, 2 incomplete or unreadable, 3 unknown key.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile

OK, TAMPERED, INCOMPLETE, UNKNOWN_KEY = 0, 1, 2, 3
FORMAT = "sluis-export-1"
PARTS = ("manifest.json", "manifest.sig", "entries.jsonl", "checkpoint.txt")
MAX_PART = 8 * 1024**3
MAX_RATIO = 400
MAX_LINE = 1024 * 1024

NOT_PROVEN = {
    "en": (
        "Not proven: that nothing bypassed the gateway, that its clock was right, and, because no "
        "witness saw this trail, that the operator did not rebuild the whole history."
    ),
    "nl": (
        "Niet bewezen: dat niets buiten de gateway om ging, dat de klok juist liep en, omdat geen "
        "getuige dit spoor zag, dat de beheerder niet de hele geschiedenis opnieuw opbouwde."
    ),
}
HOLDS = {
    "en": "HOLDS: {count} entries of {logs} logs are complete, in order and unchanged.",
    "nl": "KLOPT: {count} regels van {logs} logboeken zijn volledig, op volgorde en ongewijzigd.",
}


class Problem(Exception):
    """What is wrong, with the exit code that says of which kind it is."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


# Ed25519 (RFC 8032, section 5.1), verification only. Constants are those of the curve.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _recover(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
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


BASE = _recover((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


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


class Tree:
    """The head of an RFC 6962 tree, from leaf hashes."""

    def __init__(self):
        self.size, self.nodes = 0, []

    def append(self, leaf_hash):
        self.nodes.append(leaf_hash)
        count = self.size
        while count & 1:
            right = self.nodes.pop()
            self.nodes.append(hashlib.sha256(b"\x01" + self.nodes.pop() + right).digest())
            count >>= 1
        self.size += 1

    def root(self):
        if not self.nodes:
            return hashlib.sha256().digest()
        root = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            root = hashlib.sha256(b"\x01" + left + root).digest()
        return root


def open_package(path):
    """The zip, after checks that make it safe to read."""
    try:
        package = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise Problem(INCOMPLETE, "not a readable zip file: %s" % error)
    names = [info.filename for info in package.infolist()]
    if len(set(names)) != len(names):
        raise Problem(TAMPERED, "a part stands in the package twice")
    for info in package.infolist():
        if info.filename.startswith(("/", "\\")) or ".." in info.filename.split("/"):
            raise Problem(TAMPERED, "a part has a path outside the package")
        if info.file_size > MAX_PART or info.file_size > MAX_RATIO * (info.compress_size + 1024):
            raise Problem(TAMPERED, "%s is larger than any honest part" % info.filename)
    missing = [name for name in PARTS if name not in names]
    if missing:
        raise Problem(INCOMPLETE, "missing: " + ", ".join(missing))
    return package


def read_part(package, name):
    try:
        return package.read(name)
    except (OSError, zipfile.BadZipFile, EOFError, ValueError) as error:
        raise Problem(INCOMPLETE, "%s cannot be read: %s" % (name, error))


def check_manifest(package, public):
    """The manifest, once its signature by the given key holds."""
    raw = read_part(package, "manifest.json")
    try:
        manifest = json.loads(raw)
        signature = bytes.fromhex(read_part(package, "manifest.sig").decode().strip())
        claimed = bytes.fromhex(manifest["key"])
        count, logs, parts = manifest["count"], manifest["logs"], manifest["parts"]
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise Problem(TAMPERED, "the manifest cannot be read: %r" % error)
    if claimed != public:
        raise Problem(UNKNOWN_KEY, "the package was signed with another key than the one given")
    if not signature_holds(public, raw, signature):
        raise Problem(TAMPERED, "the signature of the manifest does not hold")
    if manifest.get("format") != FORMAT:
        raise Problem(INCOMPLETE, "unknown format %r" % manifest.get("format"))
    if count != sum(log["count"] for log in logs.values()):
        raise Problem(TAMPERED, "the counts of the manifest do not add up")
    for name in package.namelist():
        if name not in parts and name not in ("manifest.json", "manifest.sig"):
            raise Problem(TAMPERED, "%s is not listed in the manifest" % name)
    return manifest


def check_parts(package, manifest):
    """Every listed part has the digest that was signed."""
    for name, digest in manifest["parts"].items():
        found = hashlib.sha256()
        try:
            with package.open(name) as part:
                for block in iter(lambda: part.read(1 << 20), b""):
                    found.update(block)
        except KeyError:
            raise Problem(INCOMPLETE, "missing: " + name)
        except (OSError, zipfile.BadZipFile, EOFError, ValueError) as error:
            raise Problem(TAMPERED, "%s cannot be read: %s" % (name, error))
        if found.hexdigest() != digest:
            raise Problem(TAMPERED, "%s was changed" % name)


def check_entry(line, number, heads):
    """One line: its place in its log, its forerunner, and what it discloses. Gives its hash."""
    try:
        entry = json.loads(line)
        raw = entry["leaf"].encode()
        leaf = json.loads(raw)
        log, seq, prev, commitments = leaf["log"], leaf["seq"], leaf["prev"], leaf["sd"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(TAMPERED, "line %d cannot be read: %r" % (number, error))
    expected_seq, expected_prev = heads.get(log, (None, None))
    if expected_seq is None:
        raise Problem(TAMPERED, "line %d: log %s is not in the manifest" % (number, log))
    if seq != expected_seq or prev != expected_prev:
        raise Problem(
            TAMPERED,
            "line %d: entry %s of log %s does not follow its forerunner: an entry was removed, "
            "added, moved or changed" % (number, seq, log),
        )
    check_disclosure(entry.get("disclosure"), commitments, number)
    digest = hashlib.sha256(b"\x00" + raw)
    heads[log] = (seq + 1, digest.hexdigest())
    return digest.digest()


def check_disclosure(disclosure, commitments, number):
    """Every disclosed value is the one that was committed to; an erased one stays a commitment."""
    if disclosure is None:
        return
    if set(disclosure) != set(commitments):
        raise Problem(TAMPERED, "line %d discloses other fields than were recorded" % number)
    for name, (salt, value) in disclosure.items():
        canonical = json.dumps(
            [salt, name, value], sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        if hashlib.sha256(canonical.encode()).hexdigest() != commitments[name]:
            raise Problem(TAMPERED, "line %d: the value of %r was changed" % (number, name))


def check_entries(package, manifest):
    """All entries: chained, complete from first to last of each log. Gives the tree's root."""
    heads = {log: (r["first_seq"], r["first_prev"]) for log, r in manifest["logs"].items()}
    tree = Tree()
    with package.open("entries.jsonl") as lines:
        for line in iter(lambda: lines.readline(MAX_LINE), b""):
            tree.append(check_entry(line, tree.size + 1, heads))
    for log, found in manifest["logs"].items():
        if heads[log] != (found["last_seq"] + 1, found["last_hash"]):
            raise Problem(TAMPERED, "log %s does not end where the signed head says" % log)
    if tree.size != manifest["count"] or tree.root().hex() != manifest["root"]:
        raise Problem(TAMPERED, "the entries are not those of the signed tree head")
    return tree


def check_checkpoint(package, tree, public):
    """The C2SP checkpoint states this very tree and is signed by the same key."""
    try:
        text = read_part(package, "checkpoint.txt").decode()
        body, _, signatures = text.partition("\n\n")
        origin, size, root = body.split("\n")
        dash, name, encoded = signatures.strip().split(" ")
        blob = base64.b64decode(encoded, validate=True)
    except (ValueError, UnicodeDecodeError) as error:
        raise Problem(TAMPERED, "the checkpoint cannot be read: %r" % error)
    expected_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    signed = signature_holds(public, (body + "\n").encode(), blob[4:])
    if dash != "\u2014" or name != origin or blob[:4] != expected_id or not signed:
        raise Problem(TAMPERED, "the signature of the checkpoint does not hold")
    if int(size) != tree.size or base64.b64decode(root) != tree.root():
        raise Problem(TAMPERED, "the checkpoint is of another tree")


def verify(path, public, require_witness=False):
    """The manifest of a package that holds in every respect; raises Problem otherwise."""
    with open_package(path) as package:
        manifest = check_manifest(package, public)
        check_parts(package, manifest)
        tree = check_entries(package, manifest)
        check_checkpoint(package, tree, public)
    if require_witness and not manifest.get("witnessed"):
        raise Problem(INCOMPLETE, "no witness has seen this period")
    return manifest


def read_key(path):
    """The public key: 32 bytes as hex in a small file."""
    try:
        with open(path, encoding="ascii") as file:
            key = bytes.fromhex(file.read().strip())
    except (OSError, ValueError) as error:
        raise Problem(UNKNOWN_KEY, "the key file cannot be read: %s" % error)
    if len(key) != 32:
        raise Problem(UNKNOWN_KEY, "the key file does not hold an Ed25519 public key")
    return key


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("package", help="the exported zip file")
    parser.add_argument("--key", required=True, help="file with the operator's public key (hex)")
    parser.add_argument("--require-witness", action="store_true", help="fail without a witness")
    parser.add_argument("--lang", choices=("en", "nl"), default="en")
    given = parser.parse_args(arguments)
    try:
        manifest = verify(given.package, read_key(given.key), given.require_witness)
    except Problem as problem:
        names = {TAMPERED: "TAMPERED", INCOMPLETE: "INCOMPLETE", UNKNOWN_KEY: "UNKNOWN KEY"}
        print("%s: %s" % (names[problem.code], problem))
        return problem.code
    print(HOLDS[given.lang].format(count=manifest["count"], logs=len(manifest["logs"])))
    print(NOT_PROVEN[given.lang])
    return OK


if __name__ == "__main__":
    sys.exit(main())
