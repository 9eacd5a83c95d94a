#!/usr/bin/env python3
"""A second implementation of the Dundian protocol, written from protocol/*.md and dundian.proto alone.

It is there to check the specification, and to be read beside it: every function names the page it implements.
It talks to a service (join, pull, push), edits and shows records, and runs and makes the test vectors.
Its disk format is plain JSON and its own affair.  Needs protoc and requirements.txt.
"""
import argparse, base64, copy, dataclasses, functools, hashlib, hmac, importlib, itertools, json, os, random, re, secrets
import ssl, struct, subprocess, sys, tempfile, time, urllib.error, urllib.parse, urllib.request
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import DecodeError

PROTOCOL = Path(__file__).resolve().parents[2] / "protocol"

def load_messages():
    """dundian.proto: its classes, generated afresh."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", f"--python_out={folder}", f"-I{PROTOCOL}", "dundian.proto"], check=True)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("dundian_pb2")
        finally:
            sys.path.remove(folder)

pb = load_messages()
ZERO, MAX_POSITION, UNMEASURED = bytes(32), 2**63 - 1, -2**63
MIB, UNSIGNED = 1 << 20, 2048  # page 6: entries without a signature, on the wire
ERASED = None  # in the place of a value that is not there any more

class Problem(Exception):
    """Page 6: an error with its code. For a refusal also the journal and position it is about."""

    def __init__(self, code, detail="", journal=0, position=0):
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.journal, self.position = code, detail, journal, position

def need(holds, code, detail):
    if not holds:
        raise Problem(code, detail)

def decode(message, data, code="malformed"):
    try:
        return message.FromString(data)
    except DecodeError as error:
        raise Problem(code, f"{message.DESCRIPTOR.name} does not decode") from error


# ---------------------------------------------------------------------------------------------- page 1: definitions

def u(bits, number):
    return number.to_bytes(bits // 8, "big")

def H(tag, data):
    """Page 1: the tagged hash."""
    return hashlib.sha256(bytes([tag]) + data).digest()

def len16(data):
    return u(16, len(data)) + data

def id64(number):
    return f"{number:016x}"

def has(vector, dot):
    """Page 1: the vector has the dot."""
    return vector.get(dot[0], 0) >= dot[1]

def join(a, b):
    """Page 1: the greater of each component."""
    return {j: max(a.get(j, 0), b.get(j, 0)) for j in sorted(a.keys() | b.keys())}

def compare(a, b):
    """Page 1: equal, before, after or concurrent."""
    if a == b:
        return "equal"
    below = all(p <= b.get(j, 0) for j, p in a.items())
    above = all(p <= a.get(j, 0) for j, p in b.items())
    return "before" if below else "after" if above else "concurrent"

def corrected(at, offset):
    """Page 1: corrected time, saturating."""
    return max(-2**63, min(2**63 - 1, at + (0 if offset in (None, UNMEASURED) else offset)))


# -------------------------------------------------------------------------------------------------- page 2: entries

HEADER = struct.Struct(">BB16sQQ32sqqI32s")
SIGNED = {"head": 0x1A, "roster": 0x1B, "statement": 0x1C, "sign-in": 0x1D}
KINDS = {  # kind: (has a field, fewest names, most names, has a value)
    "put": (1, 0, 1, 1), "settle": (1, 1, None, 1), "approve": (1, 1, 1, 0), "undo": (1, 1, 1, 0),
    "add": (1, 0, 0, 1), "drop": (1, 1, None, 0), "delete": (0, 0, 0, 0), "restore": (0, 0, 0, 0)}
KIND_NAMES = list(KINDS)  # in the order of Write.Kind

def salts(seed, count):
    """Page 2: the salts that come from a seed."""
    blocks = (hashlib.sha512(b"\x14" + seed + u(32, i)).digest() for i in range((count + 3) // 4))
    return [block[k:k + 16] for block in blocks for k in range(0, 64, 16)][:count]

def commitment(salt, value):
    return H(0x12, salt + value)

def rest_of(skeleton, commitments):
    """Page 2: what the header says of everything that is not in it."""
    return H(0x13, H(0x11, skeleton) + u(32, len(commitments)) + b"".join(commitments))

def sign(key, purpose, message):
    return key.sign(bytes([SIGNED[purpose]]) + message)

def verifies(key, purpose, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, bytes([SIGNED[purpose]]) + message)
        return True
    except (InvalidSignature, ValueError):
        return False

def public(key):
    return key.public_key().public_bytes_raw()

@dataclasses.dataclass
class Part:
    """A value with its salt, or the commitment of an erased one (salt and value None)."""
    salt: bytes | None
    value: bytes | None
    commitment: bytes

def parts_from(seed, values):
    return [Part(s, v, commitment(s, v)) for s, v in zip(salts(seed, len(values)), values)]

@dataclasses.dataclass
class Entry:
    """Page 2: header, skeleton and values. Which journal it is in, the store knows: a fork may rename that."""
    header: bytes
    skeleton: bytes
    seed: bytes
    parts: list
    signature: bytes = b""

    def __post_init__(self):
        (self.version, self.algorithm, self.scope, self.replica, self.position, self.previous, self.time, self.offset,
         self.roster, self.rest) = HEADER.unpack(self.header)
        self.hash = H(0x10, self.header)

    @functools.cached_property
    def body(self):
        return decode(pb.Skeleton, self.skeleton)

    @property
    def size(self):
        return len(self.skeleton) + sum(len(p.value or b"") for p in self.parts)

    def context(self, edit):
        return list(zip(edit.context.replicas, edit.context.positions))

def build_entry(scope, replica, position, previous, at, offset, roster, skeleton, seed, parts):
    """Page 2: an entry with its header made from its contents."""
    try:
        header = HEADER.pack(1, 1, scope, replica, position, previous, at, offset, roster,
                             rest_of(skeleton, [p.commitment for p in parts]))
    except struct.error as error:
        raise Problem("malformed", f"a header field is out of range: {error}") from error
    return Entry(header, skeleton, seed, parts)

def list_depth(value):
    if value.WhichOneof("kind") != "list":
        return 0
    return 1 + max((list_depth(v) for v in value.list.values), default=0)

def check_contents(entry):
    """Page 2, What verifies, points 4, 5 and 7."""
    need(entry.size <= MIB and len(entry.parts) <= 4096, "too-large", "skeleton and values")
    body, kind = entry.body, entry.body.WhichOneof("kind")
    need(kind == ("birth" if entry.position == 1 else "change"), "malformed", "a birth stands exactly at position 1")
    expected = 0
    if kind == "birth":
        need(len(body.birth.device_key) == 32, "malformed", "device key")
    else:
        change = body.change
        expected = change.author + change.message
        need(change.edits, "malformed", "no edits")
        need(len(change.edits) <= 1024, "too-large", "edits")
        need(len({e.record for e in change.edits}) == len(change.edits), "malformed", "a record twice")
        for edit in change.edits:
            context = entry.context(edit)
            need(len(edit.record) == 16 and edit.type and edit.writes, "malformed", "record, type or writes")
            need(len(edit.type.encode()) <= 64 and len(context) <= 1024, "too-large", "type or context")
            need(len(edit.context.replicas) == len(edit.context.positions), "malformed", "context")
            need(all(a[0] < b[0] for a, b in itertools.pairwise(context)), "malformed", "context not ascending")
            need(all(1 <= p <= MAX_POSITION for _, p in context), "malformed", "context position")
            written = []
            for write in edit.writes:
                need(write.kind < len(KIND_NAMES), "malformed", "unknown write kind")
                name = KIND_NAMES[write.kind]
                field, fewest, most, value = KINDS[name]
                need(bool(write.field) == bool(field), "malformed", "field key")
                need(len(write.field.encode()) <= 64, "too-large", "field key")
                need(fewest <= len(write.names) <= (len(write.names) if most is None else most), "malformed", "names")
                for n in write.names:
                    need(n.component < len(context) and n.back < context[n.component][1], "malformed", "name")
                if name in ("put", "settle"):
                    written.append(write.field)
                expected += value + write.reason
            need(len(set(written)) == len(written), "malformed", "one field put twice")
    need(len(entry.parts) == expected, "malformed", f"{len(entry.parts)} values instead of {expected}")
    for part in entry.parts:
        if part.value is not ERASED:
            need(list_depth(decode(pb.Value, part.value)) <= 16, "too-large", "value nested too deep")


# --------------------------------------------------------------------------------- page 4, Forks: lines and reading

def branch_id(replica, first):
    """Page 4: the journal id of a branch."""
    return int.from_bytes(H(0x18, u(64, replica) + first)[:8], "big")

class Forks:
    """Page 4: which journals have ended in branches, and how contexts and names are read because of it."""

    def __init__(self):
        self.ends = {}      # journal: the first position it has no more
        self.origin = {}    # branch: (journal it continues, its own first position)
        self.replicas = {}  # branch: the replica id in its headers

    def add(self, journal, replica, position, branches):
        later = self.ends.get(journal)
        need(later is None or later >= position, "proof-invalid", "the journal ended before")
        self.ends[journal] = position
        for branch in branches:
            self.origin[branch], self.replicas[branch] = (journal, position), replica

    def replica(self, journal):
        return self.replicas.get(journal, journal)

    def first(self, journal):
        return self.origin[journal][1] if journal in self.origin else 1

    def line(self, journal):
        """From the undivided journal through any branch between to this one."""
        line = [journal]
        while line[0] in self.origin:
            line.insert(0, self.origin[line[0]][0])
        return line

    def owner(self, journal, position):
        """Which journal of this one's line has the position."""
        while journal in self.origin and position < self.first(journal):
            journal = self.origin[journal][0]
        return journal

    def descends(self, journal, ancestor):
        return ancestor in self.line(journal)

    def read_name(self, journal, dot):
        """Page 4, Reading contexts: the dot named, or None beyond the end of a journal."""
        if journal in self.origin and dot[0] == self.replicas[journal]:
            return (self.owner(journal, dot[1]), *dot[1:])
        return dot if dot[1] < self.ends.get(dot[0], MAX_POSITION + 1) else None

    def read(self, journal, context):
        """Page 4, Reading contexts: the version vector that an edit of the journal has as its context."""
        vector = {}
        for replica, position in context:
            if journal in self.origin and replica == self.replicas[journal]:
                line = self.line(journal)
                for here, after in zip(line, line[1:] + [None]):
                    end = min(position, self.first(after) - 1) if after is not None else position
                    if end >= self.first(here):
                        vector = join(vector, {here: end})
            else:
                end = min(position, self.ends.get(replica, MAX_POSITION + 1) - 1)
                if end > 0:
                    vector = join(vector, {replica: end})
        return vector


# ------------------------------------------------------------------ page 4: what a store holds, takes in and passes on

class Store:
    """One scope's journals: the entries in the order they came (a causal order), forks and their proofs."""

    def __init__(self, scope):
        self.scope, self.journals, self.order, self.forks = scope, {}, [], Forks()
        self.journal_of = {}                # {entry hash: journal}
        self.proofs, self.pending = {}, []  # {two branch ids: ForkProof}; proofs of a place that is not held yet
        self.quarantine, self.receipts = [], []

    def trial(self):
        other = copy.copy(self)
        other.journals = {j: list(es) for j, es in self.journals.items()}
        for name in ("order", "journal_of", "proofs", "pending", "quarantine", "receipts"):
            setattr(other, name, copy.copy(getattr(self, name)))
        other.forks = copy.deepcopy(self.forks)
        return other

    def top(self, journal):
        return self.forks.first(journal) - 1 + len(self.journals.get(journal, ()))

    def at(self, journal, position):
        """The entry of the journal's line at the position."""
        owner = self.forks.owner(journal, position)
        index = position - self.forks.first(owner)
        entries = self.journals.get(owner, ())
        return entries[index] if 0 <= index < len(entries) else None

    def hash_at(self, journal, position):
        if position == 0:
            return ZERO
        entry = self.at(journal, position)
        return entry and entry.hash

    def device_key(self, journal):
        birth = self.at(journal, 1)
        return birth.body.birth.device_key if birth else b""

    def known(self, journal):
        return journal in self.journals or journal in self.forks.origin or journal in self.forks.ends

    def heads(self):
        """Page 4: the knowledge of the scope."""
        return [(j, es[-1].position, es[-1].hash) for j, es in sorted(self.journals.items()) if es]

    def knowledge_digest(self):
        return knowledge_digest(self.scope, self.heads())

    def append(self, journal, entry):
        """Page 2, What verifies, all but the signature (point 3); then stored."""
        before = self.at(journal, entry.position - 1)
        need(entry.version == entry.algorithm == 1, "unsupported-version", "header")
        need(1 <= entry.position <= MAX_POSITION and entry.replica, "malformed", "position or replica id")
        need(entry.scope == self.scope and entry.replica == self.forks.replica(journal), "malformed", "scope, replica")
        need(entry.position == self.top(journal) + 1 and (before or entry.position == 1), "gap", "position")
        need(entry.previous == self.hash_at(journal, entry.position - 1), "does-not-link", "previous hash")
        if before:
            need(entry.time >= before.time, "clock-backwards", "time")
            need(entry.roster >= before.roster, "roster-backwards", "roster version")
        check_contents(entry)
        for edit in entry.body.change.edits if entry.position > 1 else ():
            for replica, position in entry.context(edit):
                need(replica != entry.replica or position < entry.position, "unseen-context", "own component")
                need(self.known(replica), "unseen-context", f"journal {id64(replica)}")
            for replica, position in self.forks.read(journal, entry.context(edit)).items():
                need(position <= self.top(replica), "unseen-context", f"{id64(replica)} up to {position}")
        self.journals.setdefault(journal, []).append(entry)
        self.order.append(entry)
        self.journal_of[entry.hash] = journal

    # --- taking in

    def entries_of(self, run):
        """Page 4: the run's entries with all that was left out; hashes chained from its `previous` or what is held."""
        replica, at, offset, roster = run.replica or run.journal, run.time, UNMEASURED, run.roster
        previous = ZERO if run.start == 1 else run.previous or self.hash_at(run.journal, run.start - 1)
        need(run.entries and 1 <= run.start <= MAX_POSITION, "malformed", "no entries, or no position")
        need(previous, "gap", f"nothing held at {run.start - 1}")
        need(len(previous) == 32, "malformed", "previous hash")
        offset = run.offset if run.HasField("offset") else UNMEASURED
        entries = []
        for index, item in enumerate(run.entries):
            at += item.time
            offset = item.offset if item.HasField("offset") else offset
            roster = item.roster if item.HasField("roster") else roster
            if item.parts:
                need(not item.seed and not item.values, "malformed", "both parts and seed or values")
                parts = []
                for p in item.parts:
                    whole, gone = len(p.salt) == 16 and not p.erased, len(p.erased) == 32 and not (p.salt or p.value)
                    need(whole or gone, "malformed", "part")
                    parts.append(Part(p.salt, p.value, commitment(p.salt, p.value)) if whole else
                                 Part(None, ERASED, p.erased))
            else:
                need(len(item.seed) == (16 if item.values else 0), "malformed", "seed")
                need(len(item.values) <= 4096, "too-large", "values")
                parts = parts_from(item.seed, item.values)
            entry = build_entry(self.scope, replica, run.start + index, previous, at, offset, roster,
                                item.skeleton, item.seed, parts)
            previous = entry.hash
            entries.append(entry)
        return entries

    def take_run(self, run):
        """Page 4: a receiver takes a run in. Gives the entries that were new."""
        journal, new = run.journal, []
        need(journal, "malformed", "journal 0")
        replica = run.replica or journal
        need(replica == journal or journal in self.forks.origin, "unproven-branch", "no proof of this fork")
        need(replica == self.forks.replica(journal), "malformed", "not the branch's replica id")
        entries = self.entries_of(run)
        for index, entry in enumerate(entries):
            place = entry.position
            while place >= self.forks.ends.get(journal, MAX_POSITION + 1):  # named by a journal that ended: which branch?
                if place == self.forks.ends[journal]:
                    branch = branch_id(replica, entry.hash)
                    if branch not in self.forks.origin:
                        self.prove(journal, entries[index:], run.signature)
                else:
                    branch = next((b for b in self.forks.origin if self.forks.descends(b, journal)
                                   and self.hash_at(b, place - 1) == entry.previous), None)
                    need(branch is not None, "gap", "no branch of this journal is held so far")
                    branch = self.forks.owner(branch, place - 1)
                    if branch == journal:
                        break
                journal = branch
            held = self.hash_at(journal, place)
            if held != entry.hash:
                before = self.hash_at(journal, place - 1)
                need(before, "gap", f"nothing held at {place - 1}")
                need(entry.previous == before, "does-not-link", "previous hash")
                if held:
                    self.prove(self.forks.owner(journal, place), entries[index:], run.signature)
                    journal = branch_id(replica, entry.hash)
                self.append(journal, entry)
                new.append(entry)
        last = entries[-1]
        if new and run.signature and verifies(self.device_key(journal), "head", last.hash, run.signature):
            new[-1].signature = run.signature  # the run's last is new if any is
        return new

    def check_signed(self, new):
        """Page 2, What verifies, point 3, over a frame's new entries. A branch's signature covers its whole line."""
        distance = {}  # journal: how many entries back its next signature is
        for entry in reversed(new):
            here = self.journal_of[entry.hash]
            onward = [n for j, n in distance.items() if here in self.forks.line(j)]
            distance[here] = 1 if entry.signature else 1 + distance.get(here, min(onward, default=MIB))
            need(distance[here] < MIB, "signature-invalid", "no signature here or later verifies")
            need(distance[here] <= UNSIGNED, "too-large", "entries between signatures")

    def take_frame(self, tail_bytes):
        """Page 4: a frame is taken in whole, but a bad journal keeps out only itself and what depends on it.
        Gives (the store as it is then, refusals, count of new entries)."""
        need(len(tail_bytes) <= 2 * MIB, "too-large", "frame")
        runs, bad = decode(pb.Tail, tail_bytes).runs, {}
        while True:
            trial, new = self.trial(), []  # (entry, the run it came in)
            try:
                for run in runs:
                    if run.journal not in bad:
                        trial.retry_proofs()
                        new += [(e, run) for e in trial.take_run(run)]
                for label in {r.journal for _, r in new}:
                    run = next(r for _, r in new if r.journal == label)
                    own = {trial.journal_of[e.hash] for e, r in new if r.journal == label}
                    trial.check_signed([e for e, _ in new if own & {*trial.forks.line(trial.journal_of[e.hash])}])
                trial.retry_proofs()
                break
            except Problem as problem:
                problem.journal, problem.position = run.journal, run.start
                bad[run.journal] = problem
        for problem in bad.values():
            trial.quarantine.append({"code": problem.code, "detail": problem.detail, "journal": id64(problem.journal),
                                     "runs": [r.SerializeToString().hex() for r in runs if r.journal == problem.journal]})
        return trial, list(bad.values()), len(new)

    # --- forks

    def branch_message(self, journal, position):
        """Page 4: what is held from the position on, up to a signed entry, for a ForkProof."""
        headers, at = [], position
        while len(headers) < UNSIGNED:
            entry = self.at(journal, at)
            if entry is None:  # the journal ended: any branch of it goes on
                journal = next((b for b, o in self.forks.origin.items() if o == (journal, at) and self.journals.get(b)), None)
                need(journal is not None, "proof-invalid", "nothing signed is held to prove the fork with")
                continue
            headers.append(entry.header)
            at += 1
            if entry.signature:
                birth = self.at(journal, 1).skeleton if position == 1 else b""
                return pb.Branch(headers=headers, signature=entry.signature, birth=birth)
        raise Problem("proof-invalid", "no signature near enough")

    def prove(self, journal, entries, signature):
        """Page 4: two entries at one position: make the proof and divide the journal."""
        place = entries[0].position
        if self.hash_at(journal, place):
            mine = self.branch_message(journal, place)
        else:  # it ended here before: this is one more continuation
            mine = next(b for p in self.proofs.values() for b in p.branches
                        if self.forks.origin.get(branch_id(p.replica, H(0x10, b.headers[0]))) == (journal, place))
        theirs = pb.Branch(headers=[e.header for e in entries], signature=signature,
                           birth=entries[0].skeleton if place == 1 else b"")
        self.take_proof(self.make_proof(journal, entries[0].replica, place, mine, theirs))

    def make_proof(self, journal, replica, place, *branches):
        return pb.ForkProof(scope=self.scope, journal=journal, replica=replica, position=place,
                            branches=sorted(branches, key=lambda b: H(0x10, b.headers[0])))

    def take_proof(self, proof):
        """Page 4: verify a ForkProof and divide the journal. False if what comes before the fork is not held yet."""
        invalid = functools.partial(need, code="proof-invalid")
        chains = [[self.proof_entry(h) for h in b.headers] for b in proof.branches]
        invalid(proof.scope == self.scope and len(chains) == 2 and all(1 <= len(c) <= UNSIGNED for c in chains), detail="shape")
        firsts = [c[0] for c in chains]
        invalid(firsts[0].hash < firsts[1].hash, detail="order of branches")
        invalid(firsts[0].previous == firsts[1].previous, detail="previous hashes differ")
        for chain, branch in zip(chains, proof.branches):
            for index, entry in enumerate(chain):
                invalid((entry.scope, entry.replica, entry.position) ==
                        (self.scope, proof.replica, proof.position + index), detail="scope, replica or position")
                invalid(index == 0 or entry.previous == chain[index - 1].hash, detail="does not chain")
        # The journal: the one of this replica's that has the position before. (proof.journal may be out of date: a fork
        # found later at an earlier position makes a branch of what was the undivided journal when the proof was made.)
        replica, place, parent = proof.replica, proof.position, proof.replica
        if place > 1:
            family = [replica] + [b for b, r in self.forks.replicas.items() if r == replica]
            parent = next((self.forks.owner(j, place - 1) for j in family
                           if self.hash_at(j, place - 1) == firsts[0].previous), None)
            if parent is None:
                return False
        else:
            invalid(firsts[0].previous == ZERO, detail="previous hash at position 1")
        ids = []
        for chain, branch in zip(chains, proof.branches):
            key = self.device_key(parent)
            if place == 1:
                invalid(rest_of(branch.birth, []) == chain[0].rest, detail="birth")
                key = decode(pb.Skeleton, branch.birth, "proof-invalid").birth.device_key
            invalid(verifies(key, "head", chain[-1].hash, branch.signature), detail="signature")
            ids.append(branch_id(replica, chain[0].hash))
        self.divide(parent, replica, place, ids)
        self.proofs[frozenset(ids)] = proof
        mine = next((b for b, o in self.forks.origin.items() if o == (parent, place) and self.journals.get(b)
                     and not any(b in pair for pair in self.proofs)), None)
        if mine is not None:  # what was held is a third continuation: prove that too, if it can be
            try:
                self.take_proof(self.make_proof(parent, replica, place, self.branch_message(mine, place), proof.branches[0]))
            except Problem as problem:
                self.quarantine.append({"code": problem.code, "detail": problem.detail, "journal": id64(mine)})
        return True

    def proof_entry(self, header):
        need(len(header) == HEADER.size, "proof-invalid", "header")
        need(header[:2] == b"\1\1", "unsupported-version", "header")
        return Entry(header, b"", b"", [])

    def divide(self, journal, replica, place, branches):
        """Page 4: the journal ends before `place`; what was held from there on is renamed to its branch."""
        held = self.at(journal, place) if self.forks.ends.get(journal, place + 1) > place else None
        if held:
            mine, index = branch_id(replica, held.hash), place - self.forks.first(journal)
            self.journals[mine], self.journals[journal] = self.journals[journal][index:], self.journals[journal][:index]
            self.journal_of.update((e.hash, mine) for e in self.journals[mine])
            if journal in self.forks.ends:  # it had ended further on: those branches now continue this one
                self.forks.ends[mine] = self.forks.ends[journal]
                for b, origin in list(self.forks.origin.items()):
                    if origin[0] == journal:
                        self.forks.origin[b] = (mine, origin[1])
            branches = {*branches, mine}
        self.forks.add(journal, replica, place, branches)

    def offer_proof(self, proof):
        """Take a proof in, or keep it until what comes before the fork is held."""
        if not self.take_proof(proof):
            self.pending.append(proof)

    def retry_proofs(self):
        waiting, self.pending = self.pending, []
        for proof in waiting:
            try:
                self.offer_proof(proof)
            except Problem as problem:
                self.quarantine.append({"code": problem.code, "detail": problem.detail, "journal": id64(proof.journal),
                                        "proof": proof.SerializeToString().hex()})
        if len(self.pending) < len(waiting):
            self.retry_proofs()

    # --- passing on

    def held_by(self, theirs):
        """Page 4, Finding the fork: ({journal: how far the other holds it}, {journal: position where hashes differ})."""
        held, differ = {}, {}
        for journal, (place, head) in theirs.items():
            if not self.known(journal):
                continue
            if place >= self.forks.ends.get(journal, MAX_POSITION + 1):  # to the other it is not divided yet
                held[journal] = 0
                for b in self.forks.origin:
                    if self.forks.descends(b, journal) and self.hash_at(b, place) == head:
                        for j in self.forks.line(self.forks.owner(b, place)):
                            held[j] = max(held.get(j, 0), min(place, self.top(j)))
            elif place <= self.top(journal) and self.hash_at(journal, place) != head:
                differ[journal] = place
            else:
                held[journal] = max(held.get(journal, 0), min(place, self.top(journal)))
        return held, differ

    def messages_for(self, theirs, held, leave_out=()):
        """Page 4: the proofs and frames with what the other lacks, as Messages; and the heads so sent."""
        sent, out, lot = {}, [], []
        proofs = {pair: p for pair, p in self.proofs.items() if not all(b in theirs for b in pair)}
        signed = lambda: all(e.signature for e in {self.journal_of[e.hash]: e for e in lot}.values())

        def flush():
            if lot:
                out.append(pb.Message(frame=pb.Frame(scope=self.scope, plain=self.tail(lot, theirs).SerializeToString())))
                lot.clear()

        for entry in self.order:
            journal = self.journal_of[entry.hash]
            if journal in leave_out or entry.position <= held.get(journal, self.forks.first(journal) - 1):
                continue
            pairs = [pair for pair in proofs if journal in pair]
            if pairs and signed():
                flush()
            for pair in pairs:
                proof = pb.Message(proof=proofs.pop(pair))
                proof.proof.journal = self.forks.origin[journal][0]  # it may have changed since the proof was made
                out.append(proof)
            lot.append(entry)
            sent[journal] = (entry.position, entry.hash)
            if signed() and sum(e.size + 256 + 32 * len(e.parts) for e in lot) > MIB // 4:
                flush()
        flush()
        return out, sent

    def tail(self, entries, theirs=()):
        """Page 4: entries in causal order as runs, each ending at a signature or where the journal changes.
        `previous` is left out only of a run that follows what the receiver said it holds."""
        tail, before, last = pb.Tail(), None, None
        for e in entries:
            journal = self.journal_of[e.hash]
            if before is None or before.signature or journal != last or e.position != before.position + 1:
                run = tail.runs.add(journal=journal, start=e.position, time=e.time, roster=e.roster,
                                    replica=0 if e.replica == journal else e.replica)
                if e.offset != UNMEASURED:
                    run.offset = e.offset
                if e.position > 1 and dict(theirs).get(journal) != (e.position - 1, e.previous):
                    run.previous = e.previous
                item = run.entries.add(skeleton=e.skeleton)
            else:
                item = run.entries.add(skeleton=e.skeleton, time=e.time - before.time)
                if e.offset != before.offset:
                    item.offset = e.offset
                if e.roster != before.roster:
                    item.roster = e.roster
            if e.seed or not e.parts:
                item.seed = e.seed
                item.values.extend(p.value for p in e.parts)
            else:
                item.parts.extend(pb.Part(erased=p.commitment) if p.value is ERASED else
                                  pb.Part(salt=p.salt, value=p.value) for p in e.parts)
            run.signature = e.signature
            before, last = e, journal
        return tail

    # --- disk (not part of the protocol)

    def to_json(self):
        hexed = lambda b: None if b is None else b.hex()
        return {"scope": self.scope.hex(), "quarantine": self.quarantine, "receipts": self.receipts,
                "proofs": [p.SerializeToString().hex() for p in self.proofs.values()],
                "forks": [[id64(b), id64(j), p, id64(self.forks.replicas[b])] for b, (j, p) in self.forks.origin.items()],
                "entries": [[id64(self.journal_of[e.hash]), e.header.hex(), e.skeleton.hex(), e.seed.hex(), e.signature.hex(),
                             [[hexed(p.salt), hexed(p.value), p.commitment.hex()] for p in e.parts]] for e in self.order]}

    @staticmethod
    def from_json(data):
        raw = lambda h: None if h is None else bytes.fromhex(h)
        store = Store(bytes.fromhex(data["scope"]))
        store.quarantine, store.receipts = data["quarantine"], data["receipts"]
        for branch, journal, place, replica in data["forks"]:
            store.forks.add(int(journal, 16), int(replica, 16), place, [int(branch, 16)])
        for item in data["proofs"]:
            proof = pb.ForkProof.FromString(bytes.fromhex(item))
            store.proofs[frozenset(branch_id(proof.replica, H(0x10, b.headers[0])) for b in proof.branches)] = proof
        for journal, header, skeleton, seed, signature, parts in data["entries"]:
            entry = Entry(raw(header), raw(skeleton), raw(seed), [Part(*map(raw, p)) for p in parts], raw(signature))
            store.journals.setdefault(int(journal, 16), []).append(entry)
            store.order.append(entry)
            store.journal_of[entry.hash] = int(journal, 16)
        return store

def knowledge_digest(scope, heads):
    """Page 4: the digest of a scope's knowledge, heads ascending by journal."""
    return H(0x17, scope + u(32, len(heads)) + b"".join(u(64, j) + u(64, p) + h for j, p, h in heads))


# ------------------------------------------------------------------------------------------------- page 3: the fold

@dataclasses.dataclass
class Write:
    kind: str
    field: str = ""
    names: list = ()               # dots as read: (journal, position, ordinal)
    value: bytes | None = None     # ERASED where it should be and is not
    reason: bytes | None = b""     # ERASED likewise; b"" for none

@dataclasses.dataclass
class Edit:
    """One record's edit: its context and names as read."""
    dot: tuple
    type: str
    context: dict
    writes: list
    when: int

    def any(self, *kinds):
        return any(w.kind in kinds for w in self.writes)

    def of(self, field, *kinds):
        return [w for w in self.writes if w.field == field and w.kind in kinds]

    def order(self):
        return (self.when, *self.dot)

def edits_of(entry, journal, forks):
    """Pages 2 (order of values) and 4 (reading): the edits of an entry, as (record, Edit)."""
    values = iter(p.value for p in entry.parts)
    change = entry.body.change
    for _ in range(change.author + change.message):
        next(values)
    for edit in change.edits:
        context, writes = entry.context(edit), []
        for w in edit.writes:
            kind = KIND_NAMES[w.kind]
            names = [(context[n.component][0], context[n.component][1] - n.back, n.ordinal) for n in w.names]
            names = [n for n in (forks.read_name(journal, n) for n in names) if n]
            value = next(values) if KINDS[kind][3] else None
            writes.append(Write(kind, w.field, names, value, next(values) if w.reason else b""))
        yield edit.record, Edit((journal, entry.position), edit.type, forks.read(journal, context), writes,
                                corrected(entry.time, entry.offset))

def names(edit, write, dot):
    """Page 3: the write names the dot and its edit's context has it."""
    return has(edit.context, dot) and any(n[:2] == dot for n in write.names)

def standing_deletes(edits):
    """Page 3: the deletes no other delete or restore had seen."""
    enders = [e for e in edits if e.any("delete", "restore")]
    return [e for e in edits if e.any("delete") and not any(o is not e and has(o.context, e.dot) for o in enders)]

@dataclasses.dataclass
class State:
    type: str
    vector: dict
    fields: dict     # key: (candidates [(edit, write, approvals)], elements [(edit, ordinal, write)]), both ascending
    standing: list
    unseen: list
    late: list

def fold(edits):
    """Page 3: the state of a record from the set of its counting edits."""
    edits = sorted(edits, key=lambda e: e.dot)
    vector, fields = {}, {}
    for e in edits:
        vector = join(vector, dict([e.dot]))
    for key in sorted({w.field for e in edits for w in e.writes if w.field}, key=str.encode):
        written = [(e, w) for e in edits for w in e.of(key, "put", "settle")]
        undone = [(e, w) for e in edits for w in e.of(key, "undo")]
        force = [(e, w) for e, w in written if w.kind == "put" or not any(names(o, n, e.dot) for o, n in undone)]
        candidates = []
        for e, w in force:
            if not any(x is not w and names(o, x, e.dot) for o, x in force):
                approvals = sorted({o.dot for o in edits for a in o.of(key, "approve") if names(o, a, e.dot)})
                candidates.append((e, w, approvals if w.kind == "settle" else []))
        drops = [(e, w) for e in edits for w in e.of(key, "drop")]
        elements = [(e, i, w) for e in edits for i, w in enumerate(e.of(key, "add"))
                    if not any((*e.dot, i) in d.names and has(o.context, e.dot) for o, d in drops)]
        if candidates or elements:
            fields[key] = candidates, elements
    standing = standing_deletes(edits)
    unseen = [e for e in edits if any(w.kind != "delete" for w in e.writes) and any(
        d is not e and not has(d.context, e.dot) and not has(e.context, d.dot) for d in standing)]
    late = [e for e in edits if e.any("put", "settle", "add")
            and standing_deletes([o for o in edits if has(e.context, o.dot)])
            and not any(o.any("delete", "restore") and has(o.context, e.dot) for o in edits)]
    first = min([e for e in edits if not e.context] or edits, key=lambda e: e.dot)
    return State(first.type, vector, fields, *([e.dot for e in es] for es in (standing, unseen, late)))

def dots_bytes(dots):
    return u(32, len(dots)) + b"".join(u(64, j) + u(64, p) for j, p in dots)

def state_bytes(record, state):
    """Page 3: the record state's bytes."""
    out = [record, len16(state.type.encode()), dots_bytes(sorted(state.vector.items())), u(32, len(state.fields))]
    for key, (candidates, elements) in state.fields.items():
        out += [len16(key.encode()), u(32, len(candidates))]
        for e, w, approvals in candidates:
            out += [u(64, e.dot[0]), u(64, e.dot[1]), u(8, int(w.kind == "settle")), dots_bytes(approvals)]
        out += [u(32, len(elements)), *(u(64, e.dot[0]) + u(64, e.dot[1]) + u(32, i) for e, i, _ in elements)]
    return b"".join(out + [dots_bytes(d) for d in (state.standing, state.unseen, state.late)])

def scope_digest(scope, states):
    """Page 3: over {record id: State}."""
    digests = [H(0x15, state_bytes(r, s)) for r, s in sorted(states.items())]
    return H(0x16, scope + u(64, len(digests)) + b"".join(digests))

def text_of(value):
    """The text of a value, or None."""
    message = pb.Value.FromString(value) if value else pb.Value()
    return message.text if message.WhichOneof("kind") == "text" else None

def equal_values(values):
    return ERASED not in values and len(set(values)) <= 1

def settle_by_rule(candidates, rule):
    """Page 3, Rules: (the winning (edit, write) or None, the overridden dots) for several candidates (edit, write)."""
    if len(candidates) == 1 or equal_values([w.value for _, w in candidates]):
        return candidates[0], []
    ladder = rule.get("ladder", [])

    def rung(write):
        text = text_of(write.value)
        return ladder.index(text) if text in ladder else -1

    if rule["rule"] == "latest":
        best = max(candidates, key=lambda c: c[0].order())
    elif rule["rule"] == "furthest":
        best = max(candidates, key=lambda c: (rung(c[1]), c[0].order()))
    else:
        return None, []
    return best, sorted(e.dot for e, _ in candidates if e is not best[0])

def shown(state, key, rule):
    """Page 3, Rules: what a reader is shown, as protocol/vectors/README.md writes it."""
    candidates, elements = state.fields.get(key, ((), ()))
    if rule["rule"] == "union":
        ordered, seen = [], set()
        for e, i, w in sorted(elements, key=lambda x: (x[0].order(), x[1])):
            if w.value is ERASED or w.value not in seen:
                ordered.append(value_to_json(w.value))
                seen.add(w.value)
        return {"state": "set", "value": ordered}
    if not candidates:
        return {"state": "empty"}
    pairs = [c[:2] for c in candidates]
    best, overridden = settle_by_rule(pairs, rule)
    if best is None:
        return {"state": "contested", "provisional": dot_to_json(max(pairs, key=lambda c: c[0].order())[0].dot)}
    return {"state": "settled", "value": value_to_json(best[1].value), "overridden": [dot_to_json(d) for d in overridden]}

ITEM_KINDS = [None, "contested", "delete_against_edit", "put_on_deleted", "unfounded_settlement"]

def unfounded(edits, edit, write, rules):
    """Page 3, review item kind 4: the settle claims a rule that does not settle the values it names."""
    claim = re.fullmatch(r"rule:([^@]*)@([^@]*)", (write.reason and text_of(write.reason)) or "")
    named = [(e, w) for e in edits for w in e.of(write.field, "put", "settle") if names(edit, write, e.dot)]
    if not claim or any(w.value is ERASED for _, w in named):
        return False
    rule = rules.get(write.field, {"rule": "review"})
    if claim[1] not in ("equal", rule["rule"]) or claim[2] != "1":
        return True
    return bool(named) and settle_by_rule(named, rule if claim[1] != "equal" else {"rule": "review"})[0] is None

def review_items(scope, record, edits, state, rules):
    """Page 3: the review items, by kind, field and dots."""
    found = []
    for key, (candidates, _) in state.fields.items():
        if shown(state, key, rules.get(key, {"rule": "review"}))["state"] == "contested":
            found.append((1, key, [e.dot for e, _, _ in candidates], []))
        found += [(4, key, [e.dot], []) for e, w, _ in candidates
                  if w.kind == "settle" and unfounded(edits, e, w, rules)]
    if state.standing and state.unseen:
        found.append((2, "", state.standing, state.unseen))
    if state.late:
        found.append((3, "", state.late, []))
    found.sort(key=lambda f: (f[0], f[1].encode(), f[2]))
    return [{"kind": ITEM_KINDS[k], "field": key, "dots": [dot_to_json(d) for d in a], "more": [dot_to_json(d) for d in b],
             "id": H(0x19, scope + record + u(8, k) + len16(key.encode()) + dots_bytes(a) + dots_bytes(b))[:16].hex()}
            for k, key, a, b in found]

def dot_to_json(dot):
    return [id64(dot[0]), *dot[1:]]

def dot_from_json(dot):
    return (int(dot[0], 16), *(int(x) for x in dot[1:]))

def value_to_json(value):
    """protocol/vectors/README.md: a value as JSON."""
    if value is ERASED:
        return {"erased": True}
    message = value if isinstance(value, pb.Value) else pb.Value.FromString(value)
    kind = message.WhichOneof("kind")
    if kind is None:
        return {"empty": True}
    inner = getattr(message, kind)
    inner = [value_to_json(v) for v in inner.values] if kind == "list" else inner.hex() if isinstance(inner, bytes) else inner
    return inner if kind == "text" else {kind: inner}

def value_from_json(value):
    """protocol/vectors/README.md: the message of a value written as JSON."""
    kind, inner = ("text", value) if isinstance(value, str) else next(iter(value.items()))
    if kind == "empty":
        return pb.Value()
    if kind in ("reference", "data"):
        inner = bytes.fromhex(inner)
    if kind == "list":
        inner = pb.ValueList(values=[value_from_json(v) for v in inner])
    return pb.Value(**{kind: inner})

def value_bytes(value):
    return ERASED if value == {"erased": True} else value_from_json(value).SerializeToString()


# --------------------------------------------------------------------------------------------------- page 5: access

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

def read_join_code(code):
    """Page 5: (secret, fingerprint characters) of a join code as typed."""
    code = code.lower().replace("-", "").replace(" ", "").translate(str.maketrans("oil", "011"))
    need(len(code) == 24 and all(c in ALPHABET for c in code), "join-code-wrong", "a join code has 24 characters")
    return code[:12], code[12:]

def fingerprint(root):
    """Page 5: the first 60 bits of H(1e, root key) as twelve characters."""
    bits = int.from_bytes(H(0x1E, root)[:8], "big") >> 4
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5))

def open_roster(signed, root=None):
    """Page 5: a roster whose signature verifies with its root, which is the one given."""
    roster = decode(pb.Roster, signed.roster, "bad-request")
    need(verifies(roster.root, "roster", signed.roster, signed.signature), "signature-invalid", "roster")
    need(root in (None, roster.root), "roster-not-successor", "another root")
    return roster

def check_successor(old, new):
    """Page 5: a newer roster continues the older."""
    ok = functools.partial(need, code="roster-not-successor")
    ok(new.version > old.version and new.root == old.root, detail="version or root")
    ok({p.id for p in old.people} <= {p.id for p in new.people}, detail="a person is gone")
    ok({s.id for s in old.scopes} <= {s.id for s in new.scopes}, detail="a scope is gone")
    ok(all(w in new.withdrawals for w in old.withdrawals), detail="a withdrawal was lifted")
    devices = {d.key: d for d in new.devices}
    for device in old.devices:
        ok(device.key in devices, detail="a device is gone")
        later = {(g.scope, getattr(g, "from"), g.until) for g in devices[device.key].grants}
        for g in device.grants:
            same = [x for x in later if x[:2] == (g.scope, getattr(g, "from")) and g.until in (0, x[2])]
            ok(same, detail="a grant changed otherwise than by an until")

def device_of(roster, key):
    return next((d for d in roster.devices if d.key == key), None)

def granted(roster, key, scope, version):
    """Page 5: the roster has a grant of the scope for the device at that roster version."""
    device = device_of(roster, key)
    return bool(device) and any(g.scope == scope and getattr(g, "from") <= version and (g.until == 0 or version < g.until)
                                for g in device.grants)

def counting(store, roster):
    """Page 5: {journal: the last position that counts}; a branch counts only if its line before it does."""
    cuts = {}
    for w in roster.withdrawals:
        if w.scope == store.scope:
            cuts[w.journal] = min(w.position, cuts.get(w.journal, w.position))
    result = {}
    for journal in sorted(store.journals, key=lambda j: len(store.forks.line(j))):
        last = store.forks.first(journal) - 1
        before = all(result.get(j, store.forks.first(j) - 1) >= store.forks.ends[j] - 1
                     for j in store.forks.line(journal)[:-1])
        key = store.device_key(journal)
        for e in store.journals[journal] if before else ():
            if not (e.roster <= roster.version and granted(roster, key, store.scope, e.roster)
                    and e.position <= cuts.get(journal, MAX_POSITION)):
                break
            last = e.position
        result[journal] = last
    return result

def records_of(store, roster):
    """Pages 3 and 5: {record: its counting edits}."""
    upto, records = counting(store, roster), {}
    for entry in store.order:
        journal = store.journal_of[entry.hash]
        if 1 < entry.position <= upto[journal]:
            for record, edit in edits_of(entry, journal, store.forks):
                records.setdefault(record, []).append(edit)
    return records

def digest_header(body):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"

def signature_params(field, nonce, keyid, alg, tag):
    """Page 5: the parameters, in their order."""
    return f'("@method" "@path" "{field}");nonce="{nonce}";keyid="{keyid}";alg="{alg}";tag="{tag}"'

def signature_base(path, field, digest, params):
    """Page 5: RFC 9421's signature base."""
    return f'"@method": POST\n"@path": {path}\n"{field}": {digest}\n"@signature-params": {params}'.encode()

def session_key(shared, nonce, device, service):
    """Page 5: HKDF-SHA256."""
    return HKDF(SHA256(), 32, nonce, b"dundian-session-1" + device + service).derive(shared)


# ------------------------------------------------------------------------------------------------- the client

class Home:
    """A directory with state.json and one file for each scope."""

    def __init__(self, folder, new=False):
        self.folder, self.path = Path(folder), Path(folder) / "state.json"
        need(new != self.path.exists(), "bad-request", f"{self.path} " + ("is there already" if new else "is not there"))
        self.stores = {}
        if not new:
            self.state = json.loads(self.path.read_text())
            self.key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.state["key"]))
            self.set_roster(pb.SignedRoster.FromString(bytes.fromhex(self.state["roster"])))

    def set_roster(self, signed):
        self.roster = pb.Roster.FromString(signed.roster)
        self.state["roster"] = signed.SerializeToString().hex()

    def save(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, data in [("state", self.state), *((s.hex(), st.to_json()) for s, st in self.stores.items())]:
            temporary = self.folder / f"{name}.tmp"
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(data, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(self.folder / f"{name}.json")

    def scopes(self):
        """Granted scopes, {name: id}."""
        version, key = self.roster.version, public(self.key)
        return {s.name: s.id for s in self.roster.scopes if granted(self.roster, key, s.id, version)}

    def store(self, scope):
        if scope not in self.stores:
            file = self.folder / f"{scope.hex()}.json"
            self.stores[scope] = Store.from_json(json.loads(file.read_text())) if file.exists() else Store(scope)
        return self.stores[scope]

    def clock(self):
        """Page 1: the own clock, made monotone."""
        self.state["clock"] = max(time.time_ns() // 1_000_000, self.state.get("clock", 0))
        return self.state["clock"]

    # --- requests

    def post(self, path, body, headers=(), kind="application/x-protobuf", limit=8 * MIB):
        url = self.state["url"].rstrip("/") + path
        request = urllib.request.Request(url, data=body, method="POST", headers={"content-type": kind, **dict(headers)})
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            with urllib.request.urlopen(request, context=context, timeout=120) as answer:
                data = answer.read(limit + 1 if limit else None)
        except urllib.error.HTTPError as error:
            try:
                problem = json.loads(error.read(65536))
                code = problem["type"].removeprefix("urn:dundian:problem:")
            except (ValueError, KeyError, TypeError):
                code, problem = "internal", {"detail": f"HTTP {error.code}"}
            raise Problem(code, problem.get("detail", "")) from error
        except OSError as error:
            raise Problem("internal", f"{url}: {error}") from error
        need(not limit or len(data) <= limit, "too-large", "answer")
        return data

    def headers(self, path, body, nonce, keyid, alg, tag, signer, field="content-digest"):
        """Page 5, Request signatures."""
        digest, params = digest_header(body), signature_params(field, nonce, keyid, alg, tag)
        signature = base64.b64encode(signer(signature_base(urllib.parse.urlsplit(self.state["url"].rstrip("/") + path).path,
                                                           field, digest, params))).decode()
        return {field: digest, "signature-input": f"dundian={params}", "signature": f"dundian=:{signature}:"}

    def device_request(self, path, message):
        """Page 5: a request signed with the device key over a fresh nonce; (nonce, answer)."""
        nonce = decode(pb.Nonce, self.post("/v1/nonce", b""), "bad-request").nonce
        body = message.SerializeToString()
        return nonce, self.post(path, body, self.headers(path, body, nonce.hex(), public(self.key).hex(), "ed25519",
                                                         "dundian-device", self.key.sign))

    def sign_in(self):
        """Page 5, Sign-in."""
        own, device = X25519PrivateKey.generate(), public(self.key)
        message = pb.SignIn(device_key=device, ephemeral=public(own))
        nonce, data = self.device_request("/v1/sign-in", message)
        answer = decode(pb.SignInAnswer, data, "bad-request")
        need(verifies(self.roster.service, "sign-in", nonce + device + message.ephemeral + answer.ephemeral + answer.session,
                      answer.signature), "signature-invalid", "the sign-in answer")
        shared = own.exchange(X25519PublicKey.from_public_bytes(answer.ephemeral))
        self.state["session"] = {"id": answer.session.hex(), "counter": 0,
                                 "key": session_key(shared, nonce, device, self.roster.service).hex()}

    def request(self, path, body, opening=None):
        """Page 5: a request within a session; `opening` are the bytes covered where not all are."""
        for attempt in (0, 1):
            if not self.state.get("session"):
                self.sign_in()
            session = self.state["session"]
            session["counter"] += 1
            self.save()
            signer = lambda base: hmac.digest(bytes.fromhex(session["key"]), base, "sha256")
            common = (session["counter"], session["id"], "hmac-sha256", "dundian-session", signer)
            try:
                if opening is None:
                    return self.post(path, body, self.headers(path, body, *common))
                return self.post(path, body, self.headers(path, opening, *common, field="dundian-opening"),
                                 "application/x-dundian-stream", limit=None)
            except Problem as problem:
                if problem.code not in ("session-unknown", "nonce-unknown") or attempt:  # the latter: the counter was used
                    raise
                self.state["session"] = None

    def ask(self, path, message, answer):
        return decode(answer, self.request(path, message.SerializeToString()), "bad-request")

    # --- sync

    def hello(self):
        """Page 4, Hello: {scope: the service's knowledge} of those that differ."""
        message = pb.Hello(software="dundian-second/1", roster=self.roster.version, scopes=[
            pb.ScopeDigest(scope=s, digest=self.store(s).knowledge_digest()) for s in self.scopes().values()])
        if not self.state.get("session"):
            self.sign_in()  # so that the time below measures one request
        before = self.clock()
        answer = self.ask("/v1/hello", message, pb.HelloAnswer)
        self.state["offset"] = answer.time - (before + self.clock()) // 2
        if answer.HasField("roster"):
            roster = open_roster(answer.roster, self.roster.root)
            if roster.version > self.roster.version:
                check_successor(self.roster, roster)
                self.set_roster(answer.roster)
        differing = {}
        for page in answer.differing:
            heads = differing.setdefault(page.scope, {})
            while True:
                heads.update((h.journal, (h.position, h.hash)) for h in page.heads)
                if not (page.more and page.heads) or len(heads) > 65536:
                    break
                page = self.ask("/v1/knowledge", pb.KnowledgeRequest(scope=page.scope, after=page.heads[-1].journal),
                                pb.ScopeKnowledge)
        return {s: h for s, h in differing.items() if s in self.scopes().values()}

    def first_difference(self, store, journal, place):
        """Page 4, Finding the fork: the first position up to `place` at which the service has another hash."""
        low = store.forks.first(journal)
        while low < place:
            step = max(1, (place - low + 255) // 256)
            places = list(range(low, place, step))
            hashes = self.ask("/v1/probe", pb.Probe(scope=store.scope, journal=journal, positions=places),
                              pb.ProbeAnswer).hashes
            need(len(hashes) == len(places), "bad-request", "probe answer")
            first = next((i for i, p in enumerate(places) if hashes[i] != store.hash_at(journal, p)), None)
            if first is not None:
                place = places[first]
            if first != 0:
                low = places[first - 1 if first else -1] + 1
        return place

    def sync(self, own):
        """Pages 4 and 5: hello and exchange, again while there is something to do. `own`: also send own entries."""
        report = {"rounds": 0, "received": {}, "sent": {}, "refused_here": [], "refused_there": [], "forks": {},
                  "receipts": 0, "uncovered": [], "cut": False}
        diverged = {}
        for _ in range(5):
            differing = self.hello()
            if not differing:
                break
            report["rounds"] += 1
            moved, diverged = self.exchange(differing, own, diverged, report)
            self.save()
            if not moved and not diverged:
                break
        names = {s: n for n, s in self.scopes().items()}
        for scope, name in names.items():
            if self.store(scope).forks.ends:
                report["forks"][name] = {id64(j): p for j, p in sorted(self.store(scope).forks.ends.items())}
        for key in ("received", "sent"):
            report[key] = {names.get(s, s.hex()): n for s, n in report[key].items()}
        catalogue = hashlib.sha256((PROTOCOL / "catalogue/supervision.json").read_bytes()).digest()
        report |= {"roster": self.roster.version, "catalogue_in_force": catalogue == self.roster.catalogue,
                   "entries": {n: len(self.store(s).order) for s, n in names.items()}}
        self.save()
        return report, not (report["uncovered"] or report["cut"])

    def exchange(self, differing, own, diverged, report):
        """Page 4, Exchange. Gives (whether anything moved, {(scope, journal): position} where to probe)."""
        openings, rest, sent, moved = [], [], {}, False
        for scope, theirs in differing.items():
            store = self.store(scope)
            heads = [pb.Head(journal=j, position=p, hash=h) for j, p, h in store.heads()]
            openings += [pb.Message(opening=pb.Opening(scope=scope, heads=heads[i:i + 8192], zstd=False))
                         for i in range(0, len(heads) or 1, 8192)]
            held, differ = store.held_by(theirs)
            differ |= {j: p for (s, j), p in diverged.items() if s == scope and p <= store.top(j)}
            starts = {j: self.first_difference(store, j, p) for j, p in differ.items()}
            held |= {store.forks.owner(j, p): p - 1 for j, p in starts.items()}
            mine = {j for j in store.journals if store.device_key(j) == public(self.key) and j not in starts}
            messages, sent[scope] = store.messages_for(theirs, held, leave_out=() if own else mine)
            rest += messages
            if sent[scope]:
                report["sent"][scope] = report["sent"].get(scope, 0) + sum(
                    len(r.entries) for m in messages for r in pb.Tail.FromString(m.frame.plain).runs)
        opening = b"".join(map(delimited, openings))
        body = opening + b"".join(map(delimited, [*rest, pb.Message(end=pb.End())]))
        diverged, ended = {}, False
        for message in stream(self.request("/v1/exchange", body, opening)):
            kind = message.WhichOneof("kind")
            inner = kind and getattr(message, kind)
            if kind == "end":
                ended = True
                break
            try:
                if kind in ("frame", "proof"):
                    need(inner.scope in differing, "scope-not-granted", inner.scope.hex())
                if kind == "frame":
                    need(not inner.zstd, "malformed", "zstd was not welcome")
                    self.stores[inner.scope], bad, count = self.store(inner.scope).take_frame(inner.plain)
                    report["received"][inner.scope] = report["received"].get(inner.scope, 0) + count
                    report["refused_here"] += [{"code": p.code, "detail": p.detail, "journal": id64(p.journal)} for p in bad]
                    moved |= count > 0
                elif kind == "proof":
                    trial = self.store(inner.scope).trial()
                    trial.offer_proof(inner)
                    self.stores[inner.scope] = trial
                    moved = True
                elif kind == "refusal":
                    report["refused_there"].append({"code": inner.code, "detail": inner.detail, "journal": id64(inner.journal),
                                                    "position": inner.position})
                elif kind == "divergence":
                    diverged[inner.scope, inner.journal] = inner.position
                elif kind == "receipt":
                    self.keep_receipt(inner, sent, report)
            except Problem as problem:
                report["refused_here"].append({"code": problem.code, "detail": problem.detail})
        report["cut"] = not ended
        report["uncovered"] += [id64(j) for heads in sent.values() for j in heads]  # a receipt takes out what it covers
        return moved, diverged

    def keep_receipt(self, signed, sent, report):
        """Page 4: a receipt verifies with the service key and covers every journal that was sent."""
        need(verifies(self.roster.service, "statement", signed.statement, signed.signature), "signature-invalid", "receipt")
        statement = decode(pb.Statement, signed.statement)
        need(statement.scope in sent, "scope-not-granted", "receipt")
        store = self.store(statement.scope)
        exact, further = {(h.position, h.hash) for h in statement.heads}, {h.journal: h.position for h in statement.heads}
        sent[statement.scope] = {
            j: head for j, head in sent[statement.scope].items() if head not in exact and not any(
                further.get(b, 0) > head[0] and store.forks.descends(b, j) for b in {j, *store.forks.origin})}
        report["receipts"] += 1
        store.receipts.append(signed.SerializeToString().hex())

    # --- reading and writing records

    def states(self, scope):
        records = records_of(self.store(scope), self.roster)
        return records, {r: fold(es) for r, es in records.items()}

    def find(self, record):
        for name, scope in self.scopes().items():
            records, states = self.states(scope)
            if record in records:
                return scope, records[record], states[record]
        raise Problem("not-found", f"no record {record.hex()}")

    def author(self, store, journal, skeleton, values):
        """Page 2: author and sign one entry."""
        before = store.at(journal, store.top(journal))
        seed = secrets.token_bytes(16) if values else b""
        entry = build_entry(store.scope, journal, store.top(journal) + 1, before.hash if before else ZERO,
                            max(self.clock(), before.time if before else UNMEASURED), self.state.get("offset", UNMEASURED),
                            self.roster.version, skeleton.SerializeToString(), seed, parts_from(seed, values))
        entry.signature = sign(self.key, "head", entry.hash)
        store.append(journal, entry)
        return entry

    def commit(self, scope, edit, values):
        """Pages 2 and 4: the birth if there is none (or the last replica id has forked), then the change."""
        store, replicas = self.store(scope), self.state.setdefault("replicas", {})
        earlier = int(replicas.get(scope.hex(), "0"), 16)
        replica = earlier
        if not earlier or earlier in store.forks.ends:
            replica = secrets.randbits(64) or 1
            birth = pb.Birth(device_key=public(self.key), earlier=earlier)
            self.author(store, replica, pb.Skeleton(birth=birth), [])
            replicas[scope.hex()] = id64(replica)
        author = pb.Value(text=device_of(self.roster, public(self.key)).person).SerializeToString()
        return self.author(store, replica, pb.Skeleton(change=pb.Change(author=True, edits=[edit])), [author, *values])

    def write(self, scope, record, type_key, edits, state, assignments, reason, extra=()):
        """Page 3, Writing: the edit that assigns the fields ("f=v", "f+=v" and "f-=v" for sets)."""
        fields = catalogue_fields(type_key)
        vector = sorted(state.vector.items()) if state else []
        edit = pb.Edit(record=record, type=type_key, context=pb.Context(
            replicas=[j for j, _ in vector], positions=[p for _, p in vector]))
        values = []

        def add(kind, field="", targets=(), value=None, why=None):
            write = edit.writes.add(kind=KIND_NAMES.index(kind), field=field, reason=bool(why))
            for journal, place, *ordinal in targets:
                index = [j for j, _ in vector].index(journal)
                write.names.add(component=index, back=vector[index][1] - place, ordinal=(ordinal or [0])[0])
            values.extend(([] if value is None else [value]) + ([pb.Value(text=why).SerializeToString()] if why else []))

        for assignment in assignments:
            match = re.fullmatch(r"([^=+-]+)([+-]?)=(.*)", assignment, re.S)
            need(match, "bad-request", f"not field=value: {assignment}")
            key, sign_, text = match.groups()
            field = fields.get(key, {"kind": "text", "rule": "review"})
            value = value_for(field, text)
            candidates, elements = state.fields.get(key, ([], [])) if state else ([], [])
            if sign_ == "-":
                gone = [(*e.dot, i) for e, i, w in elements if w.value == value]
                need(gone, "bad-request", f"{key} has no element {text}")
                add("drop", key, gone, why=reason)
            elif sign_ or field["rule"] == "union":
                add("add", key, value=value, why=reason)
            elif len(candidates) < 2:
                add("put", key, [e.dot for e, _, _ in candidates], value, reason)
            else:
                pairs = [c[:2] for c in candidates]
                settled = settle_by_rule(pairs, field)[0] is not None
                need(settled or reason, "bad-request", f"{key} is contested: settle it with --reason")
                rule = "equal" if equal_values([w.value for _, w in pairs]) else field["rule"]
                add("settle", key, [e.dot for e, _, _ in candidates], value, f"rule:{rule}@1" if settled else reason)
        for kind in extra:
            add(kind, why=reason)
        need(edit.writes, "bad-request", "nothing to write")
        entry = self.commit(scope, edit, values)
        self.save()
        return {"record": record.hex(), "journal": id64(entry.replica), "position": entry.position, "hash": entry.hash.hex()}

def delimited(message):
    """Page 4: a message behind its length as a varint."""
    data = message.SerializeToString()
    length, out = len(data), b""
    while length > 127:
        out, length = out + bytes([length & 127 | 128]), length >> 7
    return out + bytes([length]) + data

def stream(data):
    """Page 4: the Messages of a stream, as far as it came."""
    at = 0
    while at < len(data):
        length = shift = 0
        while at < len(data):
            byte, at = data[at], at + 1
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        need(length <= 2 * MIB + 65536, "too-large", "a message of the stream")
        if at + length > len(data):
            return
        yield decode(pb.Message, data[at:at + length], "bad-request")
        at += length

@functools.cache
def catalogue_types():
    return {t["key"]: t for t in json.loads((PROTOCOL / "catalogue/supervision.json").read_text())["types"]}

def catalogue_fields(type_key):
    return {f["key"]: f for f in catalogue_types().get(type_key, {"fields": []})["fields"]}

def value_for(field, text):
    """A value of the catalogue field's kind from what was typed; nothing typed clears."""
    kind = field["kind"].removesuffix("_set")
    if text == "":
        return b""
    if kind == "choice":
        need(any(c["key"] == text for c in field["choices"]), "bad-request", f"{text} is not a choice of {field['key']}")
    if kind == "decimal":
        need(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text, re.A), "bad-request", f"{text} is not a decimal")
    try:
        made = {"integer": lambda: {"integer": int(text)}, "decimal": lambda: {"decimal": text}, "date": lambda: {"date": text},
                "time": lambda: {"time": text}, "reference": lambda: {"reference": text},
                "yes_no": lambda: {"flag": {"yes": True, "no": False}[text]}}.get(kind, lambda: text)()
        return value_from_json(made).SerializeToString()
    except (ValueError, KeyError) as error:
        raise Problem("bad-request", f"{text} is not a {kind}") from error


# ------------------------------------------------------------------------------------------------- vectors: running

def check_fold(case, forks=None):
    """protocol/vectors/README.md: a case of fold.json, or a fold of forks.json. Gives what differs, and what was computed."""
    forks, expect = forks or Forks(), case["expect"]
    scope, record, edits = bytes.fromhex(case["scope"]), bytes.fromhex(case["record"]), []
    for e in case["edits"]:
        dot, writes = dot_from_json(e["dot"]), []
        for w in e["writes"]:
            named = [forks.read_name(dot[0], n) for n in map(dot_from_json, w.get("names", []))]
            reason = w.get("reason")
            writes.append(Write(w["kind"], w.get("field", ""), [n for n in named if n],
                                value_bytes(w["value"]) if KINDS[w["kind"]][3] else None,
                                b"" if reason is None else value_bytes(reason)))
        context = [dot_from_json(c) for c in e["context"]]
        edits.append(Edit(dot, e["type"], forks.read(dot[0], context), writes, corrected(e["time"], e["offset"])))
    orders = list(itertools.permutations(edits)) if len(edits) <= 5 else [
        random.Random(i).sample(edits, len(edits)) for i in range(20)]
    for order in orders:
        state = fold(order)
        raw = state_bytes(record, state)
        got = {
            "type": state.type, "vector": [dot_to_json(d) for d in sorted(state.vector.items())],
            "fields": {key: {
                "candidates": [{"dot": dot_to_json(e.dot), "kind": w.kind, "approvals": [dot_to_json(a) for a in approvals]}
                               for e, w, approvals in candidates],
                "elements": [[*dot_to_json(e.dot), i] for e, i, _ in elements]}
                for key, (candidates, elements) in state.fields.items()},
            **{name: [dot_to_json(d) for d in dots] for name, dots in [
                ("standing_deletes", state.standing), ("unseen_edits", state.unseen), ("late_puts", state.late)]},
            "deleted": bool(state.standing),
            "shown": {key: shown(state, key, case["rules"].get(key, {"rule": "review"})) for key in state.fields},
            "items": review_items(scope, record, order, state, case["rules"]),
            "state": raw.hex(), "digest": H(0x15, raw).hex(), "scope_digest": scope_digest(scope, {record: state}).hex()}
        wrong = [key for key in got if key in expect and key != "items" and got[key] != expect[key]]
        wanted, items = expect["items"], got["items"]
        if len(items) != len(wanted) or any(i[k] != w[k] for i, w in zip(items, wanted) for k in w if k in i):
            wrong.append("items")
        if wrong:
            break
    return [f"{key}: got {json.dumps(got[key], ensure_ascii=False)}" for key in wrong], got

def fill(case, got):
    """Writes computed bytes, digests and ids into a case that has none yet and whose readable part is right."""
    for key in ("state", "digest", "scope_digest"):
        case["expect"].setdefault(key, got[key])
    for item, computed in zip(case["expect"]["items"], got["items"]):
        item.setdefault("id", computed["id"])

def check_fork_case(case):
    """protocol/vectors/README.md: a case of forks.json."""
    expect, forks = case["expect"], Forks()
    if case["kind"] == "branch_id":
        branch = id64(branch_id(int(case["replica"], 16), bytes.fromhex(case["first"])))
        return [f"branch: got {branch}"] * (branch != expect["branch"]), {}
    for f in case["forks"]:
        forks.add(int(f["journal"], 16), int(f["replica"], 16), f["position"], [int(b, 16) for b in f["branches"]])
    if case["kind"] == "fold":
        return check_fold(case, forks)
    edit = case["edit"]
    journal = int(edit["journal"], 16)
    context = forks.read(journal, [dot_from_json(c) for c in edit["context"]])
    named = [forks.read_name(journal, dot_from_json(n)) for n in edit["names"]]
    got = {"context": [dot_to_json(d) for d in sorted(context.items())], "names": [n and dot_to_json(n) for n in named]}
    return [f"{k}: got {got[k]}" for k in got if got[k] != expect[k]], {}

def run_vectors(folder, filling):
    """protocol/vectors/README.md: every file that is there; {file: counts}, whether all passed."""
    checks = {"hashing": lambda c: differences(hashing_case, c), "signing": lambda c: differences(signing_case, c),
              "version-vectors": lambda c: differences(vector_case, c), "fold": check_fold, "forks": check_fork_case,
              "exchange": None}
    result, good = {}, True
    for name, check in checks.items():
        file = Path(folder) / f"{name}.json"
        if not file.exists() or check is None:
            result[file.name] = "absent, skipped" if not file.exists() else "skipped: its format is not defined yet"
            continue
        data, counts = json.loads(file.read_text()), {"passed": 0, "failed": 0}
        for case in data["cases"]:
            try:
                wrong, got = check(case)
            except Exception as error:  # a case that cannot be read has failed; the others go on
                wrong, got = [f"{type(error).__name__}: {error}"], {}
            counts["failed" if wrong else "passed"] += 1
            if wrong:
                counts.setdefault("failures", {})[case["name"]] = wrong
            elif filling and "state" in got:
                fill(case, got)
        if filling and name in ("fold", "forks"):
            file.write_text(pretty(data) + "\n")
        result[file.name], good = counts, good and not counts["failed"]
    return result, good

def differences(make, case):
    got = make(case)["expect"]
    return [f"{k}: got {json.dumps(got[k])}" for k in case["expect"] if got.get(k) != case["expect"][k]], {}

def pretty(x, indent=0):
    """JSON with what fits on a line on one line."""
    line = json.dumps(x, ensure_ascii=False)
    if len(line) + indent <= 118 or not x or not isinstance(x, (dict, list)):
        return line
    pad, inner = " " * indent, " " * (indent + 1)
    if isinstance(x, dict):
        body = [f"{inner}{json.dumps(k)}: {pretty(v, indent + 1)}" for k, v in x.items()]
        return "{\n" + ",\n".join(body) + f"\n{pad}}}"
    return "[\n" + ",\n".join(inner + pretty(v, indent + 1) for v in x) + f"\n{pad}]"


# -------------------------------------------------------------------------------------------------- vectors: making

NOTE = ("Byte strings are lower-case hexadecimal, 64-bit ids 16 hexadecimal digits. Whole numbers beyond 2^53 either way are "
        "written as decimal strings, all others as numbers. ")

def number(x):
    return x if x is None or abs(x) <= 2**53 else str(x)

def hexes(items):
    return [None if i is None else i.hex() for i in items]

def hashing_case(case):
    """Page 2: a case with its `expect` computed from its inputs."""
    given = [None if v is None else bytes.fromhex(v) for v in case["values"]]
    if "salts" in case:  # one by one, because something is erased: salt and value null, commitment given
        parts = [Part(None, ERASED, bytes.fromhex(c)) if v is None else
                 Part(bytes.fromhex(s), v, commitment(bytes.fromhex(s), v))
                 for s, v, c in zip(case["salts"], given, case["erased"])]
    else:
        parts = parts_from(bytes.fromhex(case["seed"]), given)
    skeleton, at, offset = bytes.fromhex(case["skeleton"]), int(case["time"]), case["offset"]
    entry = build_entry(bytes.fromhex(case["scope"]), int(case["replica"], 16), int(case["position"]),
                        bytes.fromhex(case["previous"]), at, UNMEASURED if offset is None else int(offset),
                        case["roster"], skeleton, b"", parts)
    check_contents(entry)
    return {**case, "expect": {
        "salts": hexes(p.salt for p in parts), "commitments": hexes(p.commitment for p in parts),
        "skeleton_hash": H(0x11, skeleton).hex(), "rest": entry.rest.hex(), "header": entry.header.hex(),
        "hash": entry.hash.hex(), "corrected_time": number(corrected(at, entry.offset))}}

def signing_case(case):
    """Pages 2, 4 and 5: a case with its `expect` computed from its inputs."""
    raw, kind = {k: bytes.fromhex(v) for k, v in case.items() if k.endswith(("key", "hash", "bytes", "seed", "nonce", "session"))
                 and k != "join_key"}, case["kind"]
    pair = lambda seed: Ed25519PrivateKey.from_private_bytes(raw[seed])
    if kind in ("head", "roster", "statement"):
        message = raw["hash" if kind == "head" else "bytes"]
        key = pair("seed")
        expect = {"public_key": public(key).hex(), "message": (bytes([SIGNED[kind]]) + message).hex(),
                  "signature": sign(key, kind, message).hex()}
    elif kind == "join_code":
        secret, last = read_join_code(case["code"])
        expect = {"secret": secret, "fingerprint": fingerprint(raw["root_key"]), "stored": H(0x1F, secret.encode()).hex(),
                  "matches": last == fingerprint(raw["root_key"])}
    elif kind == "sign_in":
        client, service = (X25519PrivateKey.from_private_bytes(raw[s]) for s in ("client_seed", "service_seed"))
        device, signer = public(pair("device_seed")), pair("statement_seed")
        shared = client.exchange(service.public_key())
        message = raw["nonce"] + device + public(client) + public(service) + raw["session"]
        expect = {"device_key": device.hex(), "service_key": public(signer).hex(), "client_ephemeral": public(client).hex(),
                  "service_ephemeral": public(service).hex(), "message": (b"\x1d" + message).hex(),
                  "signature": sign(signer, "sign-in", message).hex(), "shared": shared.hex(),
                  "session_key": session_key(shared, raw["nonce"], device, public(signer)).hex()}
    else:
        field = "dundian-opening" if kind == "exchange_request" else "content-digest"
        if kind == "device_request":
            key = pair("seed")
            params = signature_params(field, raw["nonce"].hex(), public(key).hex(), "ed25519", "dundian-device")
        else:
            params = signature_params(field, case["counter"], raw["session"].hex(), "hmac-sha256", "dundian-session")
        base = signature_base(case["path"], field, digest_header(raw["bytes"]), params)
        value = key.sign(base) if kind == "device_request" else hmac.digest(raw["session_key"], base, "sha256")
        expect = {"digest": digest_header(raw["bytes"]), "base": base.decode(), "signature": value.hex(),
                  "headers": {field: digest_header(raw["bytes"]), "signature-input": f"dundian={params}",
                              "signature": f"dundian=:{base64.b64encode(value).decode()}:"}}
    return {**case, "expect": expect}

def vector_case(case):
    """Page 1: a case with its `expect` computed from its inputs."""
    vector = lambda v: {int(j, 16): int(p) for j, p in v}
    if "dot" in case:
        return {**case, "expect": {"has": has(vector(case["vector"]), dot_from_json(case["dot"]))}}
    a, b = vector(case["a"]), vector(case["b"])
    return {**case, "expect": {"compare": compare(a, b), "reverse": compare(b, a),
                               "join": [[id64(j), number(p)] for j, p in sorted(join(a, b).items())]}}

def make_hashing():
    """hashing.json"""
    filler = lambda n, c: hashlib.sha512(c.encode()).digest()[:n]
    scope, device = filler(16, "scope"), public(Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32))
    text = lambda t: pb.Value(text=t).SerializeToString()
    birth = pb.Skeleton(birth=pb.Birth(device_key=device)).SerializeToString()
    later = pb.Skeleton(birth=pb.Birth(device_key=device, earlier=7)).SerializeToString()

    def change(*kinds, context=((10, 3),), author=False, message=False, reasons=False):
        edit = pb.Edit(record=filler(16, "record"), type="talk", context=pb.Context(
            replicas=[j for j, _ in context], positions=[p for _, p in context]))
        for n, kind in enumerate(kinds):
            edit.writes.add(kind=KIND_NAMES.index(kind), field=f"field_{n}" if KINDS[kind][0] else "", reason=reasons,
                            names=[pb.Name(component=0, back=1)] if KINDS[kind][1] else [])
        return pb.Skeleton(change=pb.Change(author=author, message=message, edits=[edit])).SerializeToString()

    def case(name, skeleton, values=(), position=2, replica=10, at=1778463000000, offset=None, roster=1, **more):
        return {"name": name, "scope": scope.hex(), "replica": id64(replica), "position": number(position),
                "previous": (ZERO if position == 1 else filler(32, "previous")).hex(), "time": number(at),
                "offset": number(offset), "roster": roster, "skeleton": skeleton.hex(),
                "seed": filler(16, name).hex() if values and "salts" not in more else "", "values": hexes(values), **more}

    def erased(name, gone, values, skeleton):
        salted = salts(filler(16, name), len(values))
        return case(name, skeleton, [None if i in gone else v for i, v in enumerate(values)],
                    salts=[None if i in gone else s.hex() for i, s in enumerate(salted)],
                    erased=[commitment(s, v).hex() if i in gone else None for i, (s, v) in enumerate(zip(salted, values))])

    nine = [text(f"value {i}") for i in range(9)]
    put9, unknown = change(*["put"] * 9), change("put") + bytes.fromhex("fa3e03616263")
    cases = [
        case("A birth: no values, previous of zeros, offset unmeasured.", birth, position=1),
        case("A birth that names an earlier replica id.", later, position=1, replica=11, offset=0),
        case("A change without values: a delete and a restore.", change("delete", "restore")),
        case("One value.", change("put"), nine[:1]),
        case("Three values: the first block of salts is not used up.", change(*["put"] * 3), nine[:3]),
        case("Four values: the first block of salts exactly.", change(*["put"] * 4), nine[:4]),
        case("Five values: the second block of salts begins.", change(*["put"] * 5), nine[:5]),
        case("Nine values: three blocks of salts.", put9, nine),
        case("Author, message, a value and its reason.", change("settle", author=True, message=True, reasons=True), nine[:4]),
        case("Every kind of write with a reason.", change(*KINDS, reasons=True), [*nine, text("a"), text("b")]),
        case("Nine values, each kind of value.", put9, [value_bytes(v) for v in [
            "谈话", {"integer": -1}, {"decimal": "-1.50"}, {"flag": True}, {"date": "2026-05-11"},
            {"time": "2026-05-11T09:30+08:00"}, {"reference": "0f" * 16}, {"list": ["a", {"list": []}]}, {"data": "00ff"}]]),
        case("A value of zero bytes, which clears.", change("put"), [b""]),
        case("Members that are zero or empty are written.", change(*["put"] * 3),
             [value_bytes(v) for v in ["", {"integer": 0}, {"flag": False}]]),
        case("Composed and decomposed text are different values.", change("put", "put"), [text("\u00e9"), text("e\u0301")]),
        case("An offset that was measured as nought.", change("put"), nine[:1], offset=0),
        case("A negative offset.", change("put"), nine[:1], offset=-8640000123),
        case("A time before 1970.", change("put"), nine[:1], at=-1, offset=5),
        case("The greatest time and a positive offset: corrected time saturates.", change("put"), nine[:1],
             at=2**63 - 1, offset=1),
        case("The least time and a negative offset: corrected time saturates.", change("put"), nine[:1],
             at=-2**63, offset=-1),
        case("The greatest position and replica id.", change("put"), nine[:1], position=MAX_POSITION, replica=2**64 - 1,
             roster=2**32 - 1),
        case("A position and a context beyond 2^53.", change("put", context=((10, 2**53 + 1), (2**63, MAX_POSITION))),
             nine[:1], position=2**53 + 2),
        erased("One of three values is erased: its commitment stays, the others' salts are kept.", {1}, nine[:3],
               change(*["put"] * 3)),
        erased("Every value is erased.", {0, 1}, nine[:2], change("put", "put")),
        erased("Five values, the first and the last erased.", {0, 4}, nine[:5], change(*["put"] * 5)),
        case("A skeleton with a field that this version does not know keeps its bytes.", unknown, nine[:1])]
    return NOTE + ("`offset` null: unmeasured. `seed` empty: no values, or `salts` listed one by one because something was "
                   "erased; then an erased value has null for `salts` and `values` and its commitment in `erased`."), [
        hashing_case(c) for c in cases]

def make_signing():
    """signing.json"""
    seed = lambda n: (bytes([n]) * 32).hex()
    device, root, service = (public(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2, 3))
    scope = bytes(range(16))
    roster = pb.Roster(version=2, root=root, service=service, issued=1778463000000, expires=1809999000000,
                       catalogue=hashlib.sha256(b"catalogue").digest(),
                       people=[pb.RosterPerson(id="p1", name="王芳")],
                       devices=[pb.RosterDevice(key=device, person="p1", name="laptop", grants=[
                           pb.Grant(**{"scope": scope, "from": 1, "until": 0})])],
                       scopes=[pb.RosterScope(id=scope, name="directory", title="名录", kind=0)],
                       withdrawals=[pb.Withdrawal(scope=scope, journal=10, position=4, hash=ZERO)]).SerializeToString()
    statement = pb.Statement(scope=scope, time=1778463000000, digest=knowledge_digest(scope, [(10, 4, ZERO)]),
                             heads=[pb.Head(journal=10, position=4, hash=ZERO)]).SerializeToString()
    code = "7k3m-9qvt-0xyz" + "".join(f"-{fingerprint(root)[i:i + 4]}" for i in (0, 4, 8))
    session, key = bytes(range(16)).hex(), bytes(range(32)).hex()
    hello = pb.Hello(software="dundian", roster=2, scopes=[pb.ScopeDigest(scope=scope, digest=knowledge_digest(scope, []))])
    openings = b"".join(delimited(pb.Message(opening=pb.Opening(scope=scope, heads=heads)))
                        for heads in ([], [pb.Head(journal=10, position=4, hash=bytes(range(32)))]))
    join_request = pb.Join(secret=code.replace("-", "")[:12], device_key=device, device_name="laptop").SerializeToString()
    sign_in = {"kind": "sign_in", "device_seed": seed(1), "statement_seed": seed(3), "client_seed": seed(4),
               "service_seed": seed(5), "nonce": seed(6)[:32], "session": session}
    cases = [
        {"name": "A head signature.", "kind": "head", "seed": seed(1), "hash": bytes(range(32)).hex()},
        {"name": "A head signature over a hash of zeros.", "kind": "head", "seed": seed(1), "hash": ZERO.hex()},
        {"name": "A head signature with another key.", "kind": "head", "seed": "9d" * 32, "hash": "ff" * 32},
        {"name": "A roster signature.", "kind": "roster", "seed": seed(2), "bytes": roster.hex()},
        {"name": "A statement: a receipt.", "kind": "statement", "seed": seed(3), "bytes": statement.hex()},
        {"name": "A join code.", "kind": "join_code", "code": code, "root_key": root.hex()},
        {"name": "A join code typed with capitals, O, I and L.", "kind": "join_code", "root_key": root.hex(),
         "code": "OIL0-abCD-EFGH-" + code[15:].upper().replace("0", "O").replace("1", "L")},
        {"name": "A join code of another root.", "kind": "join_code", "code": code, "root_key": service.hex()},
        {"name": "A sign-in: the answer's signature and the session key.", **sign_in},
        {"name": "A sign-in with another nonce and session id.", **sign_in, "nonce": "ab" * 16, "session": "cd" * 16},
        {"name": "A join request, signed by the device.", "kind": "device_request", "seed": seed(1), "path": "/v1/join",
         "nonce": seed(6)[:32], "bytes": join_request.hex()},
        {"name": "A sign-in request, signed by the device.", "kind": "device_request", "seed": seed(1),
         "path": "/v1/sign-in", "nonce": "00" * 16, "bytes": pb.SignIn(device_key=device, ephemeral=service).SerializeToString().hex()},
        {"name": "A hello within a session.", "kind": "session_request", "session_key": key, "session": session, "counter": 7,
         "path": "/v1/hello", "bytes": hello.SerializeToString().hex()},
        {"name": "An empty body and a large counter.", "kind": "session_request", "session_key": key, "session": session,
         "counter": 2**32, "path": "/v1/probe", "bytes": ""},
        {"name": "An exchange: only the openings are covered, each with its length.", "kind": "exchange_request",
         "session_key": key, "session": session, "counter": 8, "path": "/v1/exchange", "bytes": openings.hex()}]
    return NOTE + ("Seeds are Ed25519 private keys as in RFC 8032, `client_seed` and `service_seed` X25519 private keys. "
                   "`message` is what is signed, tag first. `base` is the RFC 9421 signature base, `signature` of a request "
                   "the bytes, `headers` as sent; `bytes` what the digest covers."), [signing_case(c) for c in cases]

def make_version_vectors():
    """version-vectors.json"""
    a, b, c, top = "000000000000000a", "000000000000000b", "000000000000000c", "ffffffffffffffff"
    big, least = str(MAX_POSITION), "0000000000000001"
    pairs = [
        ("both empty", [], []), ("empty before any other", [], [[a, 1]]), ("the same one component", [[a, 3]], [[a, 3]]),
        ("one component, less", [[a, 2]], [[a, 3]]), ("one component, greater", [[a, 4]], [[a, 3]]),
        ("other journals", [[a, 1]], [[b, 1]]), ("a component more", [[a, 1], [b, 1]], [[a, 1]]),
        ("a component more but another less", [[a, 1], [b, 1]], [[a, 2]]),
        ("two components, equal", [[a, 5], [b, 6]], [[a, 5], [b, 6]]),
        ("two components, one less", [[a, 5], [b, 6]], [[a, 5], [b, 7]]),
        ("two components, both less", [[a, 4], [b, 6]], [[a, 5], [b, 7]]),
        ("two components crossed", [[a, 4], [b, 7]], [[a, 5], [b, 6]]),
        ("overlapping at one end", [[a, 1], [b, 2]], [[b, 2], [c, 3]]),
        ("a subset with equal components", [[b, 2]], [[a, 1], [b, 2], [c, 3]]),
        ("a subset with a greater component", [[b, 3]], [[a, 1], [b, 2], [c, 3]]),
        ("the middle one missing", [[a, 9], [c, 9]], [[a, 9], [b, 1], [c, 9]]),
        ("ids beyond 2^63 are unsigned", [["7fffffffffffffff", 1], [top, 1]], [["8000000000000000", 1]]),
        ("the least and the greatest id", [[least, 2], [top, 1]], [[least, 1], [top, 2]]),
        ("the greatest position", [[a, big]], [[a, str(MAX_POSITION - 1)]]),
        ("positions that a double cannot tell apart", [[a, str(2**53 + 1)]], [[a, str(2**53 + 2)]]),
        ("ten against nine is not a comparison of digits", [[a, 10]], [[a, 9]]),
        ("many components, the last greater", [[id64(i), i] for i in range(1, 9)],
         [[id64(i), i] for i in range(1, 8)] + [[id64(8), 9]])]
    dots = [("the empty vector has no dot", [], [a, 1]), ("its own position", [[a, 3]], [a, 3]),
            ("an earlier position", [[a, 3]], [a, 1]), ("a later position", [[a, 3]], [a, 4]),
            ("another journal", [[a, 3]], [b, 1]), ("the second component", [[a, 3], [b, 1]], [b, 1]),
            ("the greatest position, one less held", [[a, str(MAX_POSITION - 1)]], [a, big]),
            ("the greatest id", [[top, 2]], [top, 2])]
    return NOTE + "`compare` is how `a` stands to `b`, `reverse` how `b` stands to `a`.", [
        vector_case(x) for x in [{"name": n, "a": x, "b": y} for n, x, y in pairs] +
        [{"name": n, "vector": v, "dot": d} for n, v, d in dots]]

def make_vectors(folder):
    """Writes the generated files of protocol/vectors."""
    counts = {}
    for name, make in [("hashing", make_hashing), ("signing", make_signing), ("version-vectors", make_version_vectors)]:
        note, cases = make()
        (Path(folder) / f"{name}.json").write_text(pretty({"version": 1, "note": note, "cases": cases}) + "\n")
        counts[f"{name}.json"] = len(cases)
    return counts


# ------------------------------------------------------------------------------------------------------- self-test

class Bench:
    """For the self-test: devices on a roster, and stores they write into and exchange without a network."""

    def __init__(self):
        self.keys = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3)]
        self.scope, self.record = bytes(range(16)), bytes(range(16, 32))
        self.random, self.at = random.Random(1), 1000
        self.roster = self.make_roster(1)

    def make_roster(self, version, until=0, withdrawals=()):
        return pb.Roster(version=version, root=public(self.keys[2]), service=public(self.keys[2]), withdrawals=withdrawals,
                         scopes=[pb.RosterScope(id=self.scope, name="s")], people=[pb.RosterPerson(id="p")],
                         devices=[pb.RosterDevice(key=public(k), person="p", grants=[
                             pb.Grant(**{"scope": self.scope, "from": 1, "until": until})]) for k in self.keys[:2]])

    def write(self, store, replica, who, *writes, signed=True, skeleton=None, values=None, **over):
        """One entry, its birth first if there is none. A write: (kind, field, value or None, [dots named])."""
        key, journal = self.keys[who], next(
            (j for j in store.journals if store.forks.replica(j) == replica and j not in store.forks.ends), replica)
        if store.top(journal) == 0:
            journal = replica
            birth = pb.Skeleton(birth=pb.Birth(device_key=public(key))).SerializeToString()
            self.entry(store, journal, replica, key, birth, [], True)
        state = fold([e for entry in store.order if entry.position > 1
                      for r, e in edits_of(entry, store.journal_of[entry.hash], store.forks)] or [Edit((0, 0), "", {}, [], 0)])
        vector = {j: p for j, p in state.vector.items() if j}
        for j in [j for j in vector if store.forks.replica(j) == replica and j != replica]:
            vector[replica] = max(vector.get(replica, 0), vector.pop(j))  # on a branch the author knows only its replica id
        vector = sorted(vector.items())
        edit = pb.Edit(record=self.record, type="talk", context=pb.Context(
            replicas=[j for j, _ in vector], positions=[p for _, p in vector]))
        for kind, field, value, named in writes:
            w = edit.writes.add(kind=KIND_NAMES.index(kind), field=field)
            for j, p, *o in named:
                index = [c for c, _ in vector].index(store.forks.replica(j) if store.forks.replica(j) == replica else j)
                w.names.add(component=index, back=vector[index][1] - p, ordinal=(o or [0])[0])
        made = [pb.Value(text=w[2]).SerializeToString() for w in writes if w[2] is not None]
        body = skeleton or pb.Skeleton(change=pb.Change(edits=[edit])).SerializeToString()
        return self.entry(store, journal, replica, key, body, made if values is None else values, signed, **over)

    def entry(self, store, journal, replica, key, skeleton, values, signed, at=None, roster=1):
        self.at += 10
        seed = self.random.randbytes(16) if values else b""
        entry = build_entry(self.scope, replica, store.top(journal) + 1, store.hash_at(journal, store.top(journal)),
                            self.at if at is None else at, UNMEASURED if self.at % 20 else -5, roster, skeleton, seed,
                            parts_from(seed, values))
        entry.signature = sign(key, "head", entry.hash) if signed else b""
        store.append(journal, entry)
        return entry

    def send(self, source, target, held=None):
        """The target after it took in what the source has and it lacks; the refusals' codes."""
        theirs = {j: (p, h) for j, p, h in target.heads()}
        messages, _ = source.messages_for(theirs, source.held_by(theirs)[0] if held is None else held)
        codes = []
        for message in stream(b"".join(map(delimited, messages))):
            if message.WhichOneof("kind") == "proof":
                target.offer_proof(message.proof)
            else:
                target, bad, _ = target.take_frame(message.frame.plain)
                codes += [p.code for p in bad]
        return target, codes

    def digest(self, store, roster=None):
        return scope_digest(self.scope, {r: fold(es) for r, es in records_of(store, roster or self.roster).items()})

def refused(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except Problem as problem:
        assert problem.code == code, (problem.code, problem.detail, code)
    else:
        raise AssertionError(f"{code} was not refused")

def test_entries():
    """Pages 2 and 4: round trip through the wire, erased values, and what must be refused."""
    bench = Bench()
    a, A, B = Store(bench.scope), 10, 11
    bench.write(a, A, 0, ("put", "title", "one", []))
    bench.write(a, A, 0, ("put", "title", "two", [(A, 2)]), ("add", "tags", "x", []), ("add", "tags", "y", []), signed=False)
    bench.write(a, B, 1, ("put", "title", "three", [(A, 3)]), ("drop", "tags", None, [(A, 3, 1)]), signed=False)
    bench.write(a, A, 0, ("put", "other", "four", []))
    bench.write(a, B, 1, ("delete", "", None, []))
    again = Store.from_json(json.loads(json.dumps(a.to_json())))
    b, codes = bench.send(again, Store(bench.scope))
    assert not codes and b.heads() == a.heads() and bench.digest(a) == bench.digest(b)
    edits = records_of(a, bench.roster)[bench.record]
    assert len({state_bytes(bench.record, fold(order)) for order in itertools.permutations(edits)}) == 1
    assert bench.send(a, b, held={})[0].heads() == a.heads(), "all skipped"
    erased = Store.from_json(a.to_json())
    part = erased.at(A, 3).parts[1]
    part.salt = part.value = ERASED
    erased.at(A, 3).seed = b""
    c, codes = bench.send(erased, Store(bench.scope))
    assert not codes and c.heads() == a.heads() and bench.digest(c) == bench.digest(a) and c.at(A, 3).parts[1].value is ERASED
    tail = a.tail(a.order)
    for run in tail.runs:
        run.previous = b""  # as all runs but one's first may leave it out

    def tampered(change, codes):
        copied = pb.Tail.FromString(tail.SerializeToString())
        change(copied.runs)
        _, bad, _ = Store(bench.scope).take_frame(copied.SerializeToString())
        assert {p.code for p in bad} == codes, ([(p.code, p.detail) for p in bad], codes)

    tampered(lambda r: r[0].entries[0].MergeFrom(pb.Entry(time=1)), {"signature-invalid", "unseen-context"})
    tampered(lambda r: setattr(r[-1], "signature", b""), {"signature-invalid", "unseen-context"})
    tampered(lambda r: r[1].entries[0].values.append(b""), {"malformed", "unseen-context"})
    tampered(lambda r: r[1].entries[0].values.__setitem__(0, b"\xff"), {"malformed", "unseen-context"})
    tampered(lambda r: r[1].entries[0].parts.append(pb.Part(erased=ZERO)), {"malformed", "unseen-context"})
    tampered(lambda r: setattr(r[1], "start", 5), {"gap", "unseen-context"})
    tampered(lambda r: setattr(r[1], "previous", bytes([1]) * 32), {"does-not-link", "unseen-context"})
    tampered(lambda r: setattr(r[1], "time", -9), {"clock-backwards", "unseen-context"})
    tampered(lambda r: setattr(r[1], "roster", 0), {"roster-backwards", "unseen-context"})
    tampered(lambda r: setattr(r[1], "replica", 12), {"unproven-branch", "unseen-context"})
    lone, codes = Store(bench.scope).take_frame(a.tail([e for e in a.order if e.replica == B]).SerializeToString())[:2]
    assert [p.code for p in codes] == ["unseen-context"] and not lone.order and lone.quarantine
    put = lambda **w: pb.Edit(record=bench.record, type="talk", writes=[pb.Write(field="f", **w)])
    deep = pb.Value(text="x")
    for _ in range(17):
        deep = pb.Value(list=pb.ValueList(values=[deep]))
    for code, edits, values in [
            ("malformed", [], 0), ("malformed", [put(), put()], 2), ("malformed", [put(kind=9)], 1), ("malformed", [put()], 2),
            ("malformed", [put(kind=1)], 1), ("malformed", [put(kind=6)], 0), ("malformed", [put(names=[pb.Name()])], 1),
            ("malformed", [pb.Edit(record=b"x", type="t", writes=put().writes)], 1), ("too-large", [put()], [deep]),
            ("malformed", [pb.Edit(record=bench.record, type="t", writes=[*put().writes, *put().writes])], 2),
            ("unseen-context", [pb.Edit(record=bench.record, type="t", writes=put().writes, context=pb.Context(
                replicas=[99], positions=[1]))], 1)]:
        made = [v.SerializeToString() for v in (values if isinstance(values, list) else [pb.Value()] * values)]
        refused(code, bench.write, a.trial(), A, 0, skeleton=pb.Skeleton(change=pb.Change(edits=edits)).SerializeToString(),
                values=made)
    flood = Store(bench.scope)
    bench.write(flood, A, 0, ("restore", "", None, []))
    for _ in range(UNSIGNED + 1):
        bench.entry(flood, A, A, bench.keys[0], flood.at(A, 2).skeleton, [], False)
    flood.order[-1].signature = sign(bench.keys[0], "head", flood.order[-1].hash)
    assert [p.code for p in Store(bench.scope).take_frame(flood.tail(flood.order).SerializeToString())[1]] == ["too-large"]

def test_forks():
    """Page 4, Forks: two continuations, a third, and one that forks further back, meet in every order."""
    bench = Bench()
    a, A, B = Store(bench.scope), 10, 11
    for n in range(4):
        bench.write(a, A, 0, ("put", f"f{n}", f"v{n}", []))
    stores = [a.trial() for _ in range(3)]  # three copies of a disk
    early = Store(bench.scope)              # and a backup from before
    early, _, _ = early.take_frame(a.tail(a.order[:3]).SerializeToString())
    for n, store in enumerate([*stores, early]):
        for m in range(2):  # a commit of two entries: only the second is signed
            bench.write(store, A, 0, ("put", f"g{m}", f"copy {n}", []), signed=m == 1)
    bench.write(stores[0], B, 1, ("put", "f0", "seen by another", [(A, 2)]), ("put", "g1", "seen beyond", [(A, 7)]))
    everything, rand = [*stores, early], random.Random(7)
    for trial in range(12):
        group = [s.trial() for s in everything]
        rand.shuffle(group)
        for turn in range(12):
            x, y = rand.sample(range(4), 2) if turn < 4 else (turn % 4, (turn + 1) % 4)
            theirs = {j: (p, h) for j, p, h in group[y].heads()}
            held, differ = group[x].held_by(theirs)
            for j, p in differ.items():  # what a probe would find
                first = next(q for q in range(1, p + 1) if group[x].hash_at(j, q) != group[y].hash_at(j, q))
                held[group[x].forks.owner(j, first)] = first - 1
            group[y], codes = bench.send(group[x], group[y], held)
            assert not codes and not group[y].pending, codes
        for x, y in itertools.permutations(range(4), 2):
            theirs = {j: (p, h) for j, p, h in group[y].heads()}
            group[y], codes = bench.send(group[x], group[y], group[x].held_by(theirs)[0])
            assert not codes
        assert len({s.knowledge_digest() for s in group}) == 1 and len({bench.digest(s) for s in group}) == 1
        assert {j: p for j, p in group[0].forks.ends.items()}[A] == 4 and len(group[0].forks.origin) == 5
        fresh, codes = bench.send(group[0], Store(bench.scope))
        assert not codes and fresh.knowledge_digest() == group[0].knowledge_digest()
        assert bench.digest(Store.from_json(fresh.to_json())) == bench.digest(group[0])
    one, two = stores[0].trial(), stores[1].trial()
    proof = pb.ForkProof.FromString(next(iter(fresh.proofs.values())).SerializeToString())
    proof.branches[0].signature = bytes(64)
    refused("proof-invalid", fresh.trial().take_proof, proof)
    run = two.tail(two.order[-2:]).runs[0]
    run.journal, run.replica = branch_id(A, two.order[-2].hash), A
    _, bad, _ = one.take_frame(pb.Tail(runs=[run]).SerializeToString())
    assert [p.code for p in bad] == ["unproven-branch"]

def test_access():
    """Page 5: counting, succession, join codes, sign-in and request signatures."""
    bench = Bench()
    a, A = Store(bench.scope), 10
    bench.write(a, A, 0, ("put", "f", "one", []))
    bench.write(a, A, 0, ("put", "f", "two", [(A, 2)]), roster=2)
    assert counting(a, bench.roster) == {A: 2} and counting(a, bench.make_roster(2)) == {A: 3}
    assert counting(a, bench.make_roster(2, until=2)) == {A: 2}
    cut = bench.make_roster(3, withdrawals=[pb.Withdrawal(scope=bench.scope, journal=A, position=2, hash=ZERO)])
    assert counting(a, cut) == {A: 2} and bench.digest(a, cut) == bench.digest(a)
    check_successor(bench.roster, cut)
    check_successor(bench.roster, bench.make_roster(2, until=2))
    refused("roster-not-successor", check_successor, cut, bench.make_roster(4))
    refused("roster-not-successor", check_successor, bench.make_roster(2, until=2), bench.make_roster(3))
    root = public(bench.keys[2])
    code = "OIL0-abcd-efgh" + "".join(f"-{fingerprint(root)[i:i + 4]}" for i in (0, 4, 8))
    assert read_join_code(code.upper()) == ("0110abcdefgh", fingerprint(root))
    one, two = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    keys = {session_key(x.exchange(y.public_key()), bytes(16), root, root) for x, y in ((one, two), (two, one))}
    assert len(keys) == 1
    params = signature_params("content-digest", 7, "ab" * 16, "hmac-sha256", "dundian-session")
    base = signature_base("/v1/hello", "content-digest", digest_header(b""), params)
    assert base.decode().split("\n") == [
        '"@method": POST', '"@path": /v1/hello',
        '"content-digest": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
        f'"@signature-params": ("@method" "@path" "content-digest");nonce="7";keyid="{"ab" * 16}";'
        'alg="hmac-sha256";tag="dundian-session"']

def self_test():
    tests = [test_entries, test_forks, test_access]
    for test in tests:
        test()
    return {test.__name__.removeprefix("test_"): "passed" for test in tests}


# -------------------------------------------------------------------------------------------------------- commands

def do_join(a):
    """Page 5, To join."""
    home = Home(a.home, new=True)
    home.key = Ed25519PrivateKey.generate()
    home.state = {"url": a.url, "key": home.key.private_bytes_raw().hex(), "device": a.device}
    secret, last = read_join_code(a.code)
    _, data = home.device_request("/v1/join", pb.Join(secret=secret, device_key=public(home.key), device_name=a.device))
    signed = decode(pb.JoinAnswer, data, "bad-request").roster
    roster = open_roster(signed)
    need(fingerprint(roster.root) == last, "join-code-wrong", "this is not the service the code is for")
    need(device_of(roster, public(home.key)), "device-unknown", "the roster does not list this device")
    home.state["root"] = roster.root.hex()
    home.set_roster(signed)
    home.save()
    return {"device": public(home.key).hex(), "root": roster.root.hex(), "roster": roster.version,
            "scopes": sorted(home.scopes())}

def do_digest(a):
    home = Home(a.home)
    scopes = home.scopes()
    need(a.scope in (None, *scopes), "scope-not-granted", a.scope)
    states = {name: home.states(scope)[1] for name, scope in scopes.items() if a.scope in (None, name)}
    return {name: {"digest": scope_digest(scopes[name], s).hex(), "records": len(s)} for name, s in states.items()}

def do_show(a):
    home = Home(a.home)
    record = bytes.fromhex(a.record)
    scope, edits, state = home.find(record)
    fields = catalogue_fields(state.type)
    return {"record": a.record, "type": state.type, "deleted": bool(state.standing), "digest": H(0x15, state_bytes(record, state)).hex(),
            "fields": {k: shown(state, k, fields.get(k, {"rule": "review"})) for k in state.fields},
            "items": review_items(scope, record, edits, state, fields)}

def do_list(a):
    home, listed = Home(a.home), []
    title = catalogue_types().get(a.type, {}).get("title", [])
    for name, scope in home.scopes().items():
        for record, state in sorted(home.states(scope)[1].items()):
            if state.type == a.type:
                look = [shown(state, k, catalogue_fields(a.type)[k]) for k in title]
                listed.append({"record": record.hex(), "scope": name, "deleted": bool(state.standing),
                               "title": [s.get("value", s["state"]) for s in look]})
    return listed

def do_edit(a):
    home = Home(a.home)
    record = bytes.fromhex(a.record)
    scope, edits, state = home.find(record)
    extra = [kind for kind in ("delete", "restore") if getattr(a, kind)]
    return home.write(scope, record, state.type, edits, state, a.fields, a.reason, extra)

def do_create(a):
    home = Home(a.home)
    need(a.scope in home.scopes(), "scope-not-granted", a.scope)
    return home.write(home.scopes()[a.scope], secrets.token_bytes(16), a.type, [], None, a.fields, None)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, action, summary, *arguments, home=True):
        sub = commands.add_parser(name, help=summary, description=summary)
        for argument in arguments:
            sub.add_argument(argument[0], **(argument[1] if len(argument) > 1 else {}))
        if home:
            sub.add_argument("--home", required=True, metavar="DIR")
        sub.set_defaults(action=action)

    fields = ("fields", {"nargs": "*", "metavar": "FIELD=VALUE", "help": "f=v; nothing after = clears; for sets f+=v, f-=v"})
    scope, needed = ("--scope", {"metavar": "NAME"}), {"required": True}
    flag = {"action": "store_true"}
    command("join", do_join, "join a service with a join code", ("url",), ("code",), ("--device", {"default": "second"}))
    command("pull", lambda a: Home(a.home).sync(own=False), "take in what the service has")
    command("push", lambda a: Home(a.home).sync(own=True), "the same, and send own entries")
    command("digest", do_digest, "the scope digests", scope)
    command("show", do_show, "a record as a reader is shown it", ("record",))
    command("list", do_list, "the records of a type", ("--type", needed))
    command("edit", do_edit, "edit a record", ("record",), fields, ("--reason", {}), ("--delete", flag), ("--restore", flag))
    command("create", do_create, "make a record", ("--scope", needed), ("--type", needed), fields)
    command("vectors", lambda a: run_vectors(a.folder, a.fill), "run the test vectors", ("folder",), ("--fill", flag), home=False)
    command("make-vectors", lambda a: make_vectors(a.folder), "write the generated test vectors", ("folder",), home=False)
    command("self-test", lambda a: self_test(), "test this program against itself", home=False)
    arguments = parser.parse_args()
    try:
        result = arguments.action(arguments)
    except Problem as problem:
        sys.exit(json.dumps({"code": problem.code, "detail": problem.detail}, ensure_ascii=False))
    except (ValueError, OSError) as error:
        sys.exit(json.dumps({"code": "bad-request", "detail": str(error)}, ensure_ascii=False))
    good = True
    if isinstance(result, tuple):
        result, good = result
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(0 if good else 1)

if __name__ == "__main__":
    main()
