#!/usr/bin/env python3
"""Verifies an audit of the SSH MCP Bridge without the bridge: as docs/AUDIT.md describes it, with the standard library of Python 3.8 alone.
Exit code 0: every record is as it was written; 1: the first that is not is named; 2: how it was called."""
import argparse, base64, hashlib, json, re, sys

# Ed25519 (RFC 8032 section 5.1). Points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, d - c, d + c, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P
def times(n, point, total=(0, 1, 1, 0)):
    while n: total, point, n = add(total, point) if n & 1 else total, add(point, point), n >> 1
    return total
def decode(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if len(raw) != 32 or y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P
BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
def is_signed(key, text, signature):
    try:
        raw, sig = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (key, signature))
        a, r, s = decode(raw), decode(sig[:32]), int.from_bytes(sig[32:], "little")
    except ValueError:
        return False
    h = int.from_bytes(hashlib.sha512(sig[:32] + raw + text.encode()).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    is_exact = base64.urlsafe_b64encode(sig).rstrip(b"=").decode() == signature and len(sig) == 64 and s < L
    return is_exact and all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
SIGNED = {"audit.opened": "opened log at", "audit.checkpoint": "checkpoint log signed hash at",  # the signed members, in order
          "audit.key_added": "key log added at", "audit.pruned": "pruned log signed hash at",
          "receipt": "receipt log call signed hash stdout_sha256 stderr_sha256 at"}
PLACE = re.compile(rb'\{"_chain":\{"prev":"([0-9a-f]{64})","seq":([1-9][0-9]{0,15})\},"')
REMEMBERED, MOST_UNSIGNED = 65536, 20000
class Bad(Exception):
    def __init__(self, seq, line, fault, signs=None):
        self.seq, self.line, self.fault, self.signs = seq, line, fault, signs
def need(is_good, *bad):
    if not is_good: raise Bad(*bad)
def is_whole(record):  # nothing in it that the signature does not cover
    members = {*SIGNED[record["type"]].split()[1:], "key", "signature", "type"}
    is_kind = lambda k, v: type(v) is int and abs(v) < 2**53 if k == "signed" else type(v) is str
    return set(record) == members and all(is_kind(*member) for member in record.items())
def parse(line, seq):  # NaN is no JSON; of a number with too many digits, which no signed record has, the beginning will do
    try: return json.loads(line.decode(), parse_constant=lambda _: need(False, seq, 0, "not_a_record"), parse_int=lambda n: int(n[:18]))
    except (ValueError, RecursionError): raise Bad(seq, 0, "not_a_record")
def has_signature(record):
    name, *members = SIGNED[record["type"]].split()
    lines = ["ssh-mcp-bridge audit %s v1" % name, *(str(record[member]) for member in members), ""]
    return is_signed(record["key"], "\n".join(lines), record["signature"])
class Log:
    def __init__(self, keys, anchors, log):
        self.trusted, self.anchors, self.log = set(keys), anchors, log
        self.hashes, self.cuts, self.signed = {}, [], 0
    def trust(self, record, seq):
        self.log = self.log or record["log"]
        need(record["log"] == self.log, seq, 0, "another_log")
        need(record["key"] in self.trusted, seq, 0, "untrusted_key")
    def note(self, line, seq, digest):
        self.hashes[seq % REMEMBERED] = digest
        for anchor in self.anchors.get(seq, ()):
            self.trust(anchor, seq)
            need(anchor["hash"] == digest, seq, 0, "anchor_differs")
        if b'"type":"audit.' not in line: return
        record = parse(line, seq)
        kind = record.get("type")
        if kind not in [*SIGNED][:4] or (kind == "audit.key_added" and "signature" not in record): return
        del record["_chain"]
        need(re.fullmatch(rb"[ -[\]-~]+", line) and is_whole(record), seq, 0, "changed")
        text = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
        need(line == PLACE.match(line).group() + text[2:], seq, 0, "changed")
        self.trust(record, seq)
        need(has_signature(record), seq, 0, "bad_signature")
        if kind == "audit.key_added": self.trusted.add(record["added"])
        if kind == "audit.pruned": self.cuts.append((record["signed"], record["hash"]))
        if kind == "audit.checkpoint":
            upto = record["signed"]
            need(upto < seq, seq, 0, "made_anew")
            known = self.hashes.get(upto % REMEMBERED) if seq - upto < REMEMBERED else None
            need(known in (None, record["hash"]), seq, 0, "made_anew", upto)
            self.signed = max(self.signed, upto if known else 0)
def verify(lines, log, live, part):
    first, last, head, number, suspect = (0, b""), 0, b"0" * 64, 0, None
    after = lambda: Bad(suspect.seq + 1, suspect.line + 1, "changed")
    for number, line in enumerate(lines, 1):
        place = PLACE.match(line)
        if not place or line[-1:] != b"}": raise suspect or Bad(last + 1, number, "not_a_record")
        prev, seq = place.group(1), int(place.group(2))
        first = (seq - 1, prev.decode()) if number == 1 else first
        need(number > 1 or seq > 1 or prev == head, 1, 1, "changed")
        if number > 1 and seq != last + 1: raise suspect or Bad(last + 1, number, "missing" if seq > last else "twice")
        if number > 1 and prev != head:  # this record was changed or the one before: what comes next tells which
            if suspect: raise after() if suspect.seq + 2 == seq else suspect
            suspect = Bad(seq - 1, number - 1, "changed")
        digest = hashlib.sha256(line).hexdigest()
        head, last = digest.encode(), seq
        try: log.note(line, seq, digest)
        except Bad as bad:
            raise (suspect if bad.signs == suspect.seq else after()) if suspect else Bad(bad.seq, number, bad.fault)
        if suspect and log.signed >= suspect.seq:
            raise suspect if log.signed > suspect.seq else after()
    if suspect: raise suspect
    if log.anchors and max(log.anchors) > last:
        log.trust(log.anchors[max(log.anchors)][0], max(log.anchors))
        raise Bad(last + 1, number + 1, "cut_back")
    has_beginning = first[0] <= 0 or part or any(first[0] < cut[0] or first == cut for cut in log.cuts)
    need(has_beginning, 1, 1, "beginning_missing")
    need(live or log.signed == last - 1, last + 1, number + 1, "truncated")
    need(log.signed and last - log.signed <= MOST_UNSIGNED, (log.signed or first[0]) + 1, number + 1, "unsigned")
    return "good: log %s, %d records, signed up to %d, %d after it" % (log.log, number, log.signed, last - log.signed)
def read_keys(paths):
    for text in (open(path, encoding="ascii").read() for path in paths):
        for block in re.findall(r"-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", text, re.S):
            yield base64.urlsafe_b64encode(base64.b64decode(block)[-32:]).rstrip(b"=").decode()
        yield from re.findall(r"^[A-Za-z0-9_-]{43}$", text, re.M)
def read_anchors(path):
    found = {}
    for number, text in enumerate(open(path, encoding="utf-8", errors="replace") if path else (), 1):
        if not text.strip(): continue
        try:
            anchor = {k: v for k, v in json.loads(text).items() if k != "_chain"}
            good = anchor["type"] in ("audit.checkpoint", "receipt") and is_whole(anchor) and has_signature(anchor)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError): good = False
        need(good, 0, number, "bad_anchor")
        found.setdefault(anchor["signed"], []).append(anchor)
    return found
def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--live", action="store_true", help="the log is still being written")
    parser.add_argument("--part", action="store_true", help="a piece: it may begin anywhere")
    parser.add_argument("--log", help="the log that it has to be")
    parser.add_argument("--anchors", help="checkpoints and receipts that were kept elsewhere, as JSON lines")
    parser.add_argument("--key", action="append", required=True, help="trusted public keys: PEM, or base64url a line")
    parser.add_argument("files", nargs="+")
    given = parser.parse_args(argv)
    lines = (line[:-1] if line[-1:] == b"\n" else line for path in given.files for line in open(path, "rb", 1 << 20))
    try: print(verify(lines, Log(read_keys(given.key), read_anchors(given.anchors), given.log), given.live, given.part))
    except Bad as bad:
        sys.exit(print("BAD: record %d, line %d: %s" % (bad.seq, bad.line, bad.fault)) or 1)
if __name__ == "__main__": main()
