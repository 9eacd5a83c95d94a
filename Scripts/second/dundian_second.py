#!/usr/bin/env python3
"""A second implementation of the Dundian protocol, written from protocol/*.md and dundian.proto alone.

It is there to check the specification, and to be read beside it: every function names the page it implements.
It talks to a service (join, pull, push), edits and shows records, and runs and makes the test vectors.
Page 1 and values are in definitions.py, page 3 in fold.py, page 8 in text_merge.py, page 9 in review.py.
Its disk format is plain JSON and its own affair.  Needs protoc and requirements.txt.
"""
import argparse, base64, copy, dataclasses, functools, hashlib, hmac, itertools, json, os, random, re, secrets
import ssl, struct, sys, time, urllib.error, urllib.parse, urllib.request
from collections import Counter
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import DecodeError

from definitions import (ERASED, H, MAX_POSITION, PROTOCOL, UNMEASURED, ZERO, compare, corrected, dot_bytes, dot_from_json,
                         dot_to_json, dots_from_json, dots_to_json, has, id64, join, pb, plain, text, u, value_bytes)
from fold import REVIEW, Edit, State, Write, equal_values, fold, record_digest, scope_digest, settle_by_rule, state_bytes
from review import KIND_NUMBERS, Record, Review, pair_record, read_reason
from text_merge import merge_texts, text_of_side
from working_days import calendar, check_working_days

MIB, UNSIGNED = 1 << 20, 2048  # page 6: entries without a signature, on the wire

class Problem(Exception):
    """Page 6: an error with its code. For a refusal also the journal it is about."""

    def __init__(self, code, detail="", journal=0):
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.journal = code, detail, journal

    def told(self, **more):
        about = {"journal": id64(self.journal)} if self.journal else {}
        return {"code": self.code, "detail": self.detail, **about, **more}

def need(holds, code, detail):
    if not holds:
        raise Problem(code, detail)

def formed(holds, detail):
    need(holds, "malformed", detail)

def decode(message, data, code="malformed"):
    try:
        return message.FromString(data)
    except DecodeError as error:
        raise Problem(code, f"{message.DESCRIPTOR.name} does not decode") from error


# -------------------------------------------------------------------------------------------------- page 2: entries

HEADER = struct.Struct(">BB16sQQ32sqqI32s")
SIGNED = {"head": 0x1A, "roster": 0x1B, "statement": 0x1C, "sign-in": 0x1D, "bundle": 0x24, "meeting": 0x26}
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

def private(seed):
    return Ed25519PrivateKey.from_private_bytes(seed)

def public(key):
    return key.public_key().public_bytes_raw()

def sign(key, purpose, message):
    return key.sign(bytes([SIGNED[purpose]]) + message)

def verifies(key, purpose, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, bytes([SIGNED[purpose]]) + message)
        return True
    except (InvalidSignature, ValueError):
        return False

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
    skeleton: bytes = b""
    seed: bytes = b""
    parts: list = ()
    signature: bytes = b""
    cover: list = ()  # page 4: the headers that follow, up to the one the signature is over; none: over this entry

    def __post_init__(self):
        (self.version, self.algorithm, self.scope, self.replica, self.position, self.previous, self.time, self.offset,
         self.roster, self.rest) = HEADER.unpack(self.header)
        self.hash = H(0x10, self.header)

    @functools.cached_property
    def body(self):
        return decode(pb.Skeleton, self.skeleton)

    @property
    def edits(self):
        return self.body.change.edits

    @property
    def size(self):
        return len(self.skeleton) + sum(len(p.value or b"") for p in self.parts)

def build_entry(scope, replica, position, previous, at, offset, roster, skeleton, seed, parts):
    """Page 2: an entry with its header made from its contents."""
    try:
        header = HEADER.pack(1, 1, scope, replica, position, previous, at, offset, roster,
                             rest_of(skeleton, [p.commitment for p in parts]))
    except struct.error as error:
        raise Problem("malformed", f"a header field is out of range: {error}") from error
    return Entry(header, skeleton, seed, parts)

def header_entry(header, code):
    """An entry of which only the header is at hand: in a ForkProof, or a run's cover."""
    need(len(header) == HEADER.size, code, "header")
    need(header[:2] == b"\1\1", "unsupported-version", "header")
    return Entry(header)

def written_context(edit):
    """Page 2: the edit's context as written, [(replica, position)]."""
    return list(zip(edit.context.replicas, edit.context.positions))

def context_message(vector):
    return pb.Context(replicas=sorted(vector), positions=[vector[j] for j in sorted(vector)])

def name_message(vector, dot):
    """Page 2: how an edit with this context names the dot (of an add: with its ordinal)."""
    return pb.Name(component=sorted(vector).index(dot[0]), back=vector[dot[0]] - dot[1], ordinal=dot[2] if dot[2:] else 0)

def list_depth(value):
    return 1 + max(map(list_depth, value.list.values), default=0) if value.WhichOneof("kind") == "list" else 0

def check_contents(entry):
    """Page 2, What verifies, points 4, 5 and 7."""
    need(entry.size <= MIB and len(entry.parts) <= 4096, "too-large", "skeleton and values")
    body, kind = entry.body, entry.body.WhichOneof("kind")
    formed(kind == ("birth" if entry.position == 1 else "change"), "a birth stands exactly at position 1")
    texts = []  # for each value whether it has to be a text
    if kind == "birth":
        formed(len(body.birth.device_key) == 32, "device key")
    else:
        texts = [True] * (body.change.author + body.change.message)
        formed(1 <= len(entry.edits) <= 1024, "number of edits")
        formed(len({e.record for e in entry.edits}) == len(entry.edits), "a record twice")
    for edit in entry.edits:
        context, written = written_context(edit), []
        formed(len(edit.record) == 16 and edit.writes, "record id, or no writes")
        formed(1 <= len(edit.type.encode()) <= 64, "type")
        formed(len(edit.context.replicas) == len(edit.context.positions) <= 1024, "context")
        formed(all(a[0] < b[0] for a, b in itertools.pairwise(context)), "context not ascending")
        formed(all(1 <= p <= MAX_POSITION for _, p in context), "context position")
        for write in edit.writes:
            formed(0 <= write.kind < len(KIND_NAMES), "unknown write kind")
            name = KIND_NAMES[write.kind]
            field, fewest, most, value = KINDS[name]
            fewest_bytes = 0 if name == "undo" else field  # of the record as a whole, or of a field
            formed(fewest_bytes <= len(write.field.encode()) <= 64 * field, "field key")
            formed(fewest <= len(write.names) <= (len(write.names) if most is None else most), "number of names")
            formed(all(n.component < len(context) and n.back < context[n.component][1] for n in write.names), "name")
            formed(name != "delete" or len(edit.writes) == 1, "a delete stands alone in its edit")
            written += [write.field] * (name in ("put", "settle"))
            texts += [False] * value + [True] * write.reason
        formed(len(set(written)) == len(written), "one field put twice")
    formed(len(entry.parts) == len(texts), f"{len(entry.parts)} values instead of {len(texts)}")
    for part, is_text in zip(entry.parts, texts):
        if part.value is not ERASED:
            value = decode(pb.Value, part.value)
            formed(list_depth(value) <= 16, "value nested too deep")
            formed(not is_text or value.WhichOneof("kind") == "text", "author, message or reason is not a text")


# --------------------------------------------------------------------------------- page 4, Forks: lines and reading

def branch_id(replica, first):
    """Page 4: the journal id of a branch."""
    return int.from_bytes(H(0x18, u(64, replica) + first)[:8], "big")

def proof_branches(proof):
    """The two journals that a ForkProof says there are."""
    return [branch_id(proof.replica, H(0x10, b.headers[0])) for b in proof.branches]

class Forks:
    """Page 4: which journals have ended in branches, and how contexts and names are read because of it."""

    def __init__(self):
        self.ends = {}      # journal: the first position it has no more
        self.origin = {}    # branch: (journal it continues, its own first position)
        self.replicas = {}  # branch: the replica id in its headers

    def add(self, journal, replica, position, branches):
        need(self.end(journal) >= position, "proof-invalid", "the journal ended before")
        self.ends[journal] = position
        for branch in branches:
            self.origin[branch], self.replicas[branch] = (journal, position), replica

    def end(self, journal):
        return self.ends.get(journal, MAX_POSITION + 1)

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

    def own(self, journal, replica):
        """Whether a component or name in an edit of the journal is of its own line."""
        return journal in self.origin and replica == self.replicas[journal]

    def read_name(self, journal, dot):
        """Page 4, Reading contexts: the dot named, or None beyond the end of a journal."""
        if self.own(journal, dot[0]):
            return (self.owner(journal, dot[1]), *dot[1:])
        return dot if dot[1] < self.end(dot[0]) else None

    def read(self, journal, context):
        """Page 4, Reading contexts: the version vector that an edit of the journal has as its context."""
        vector = {}
        for here, end in context:
            if self.own(journal, here):
                here = self.owner(journal, end)
                for above in self.line(here)[:-1]:
                    vector = join(vector, {above: self.ends[above] - 1})
            vector = join(vector, {here: min(end, self.end(here) - 1)})
        return {j: p for j, p in vector.items() if p > 0}


# ------------------------------------------------------------------ page 4: what a store holds, takes in and passes on

def knowledge_digest(scope, heads):
    """Page 4: the digest of a scope's knowledge, {journal: (position, hash)}."""
    return H(0x17, scope + u(32, len(heads)) + b"".join(dot_bytes((j, p)) + h for j, (p, h) in sorted(heads.items())))

class Store:
    """One scope's journals: the entries in the order they came (a causal order), forks and their proofs."""

    def __init__(self, scope):
        self.scope, self.journals, self.order, self.forks = scope, {}, [], Forks()
        self.journal_of = {}  # {entry hash: journal}
        self.proofs = {}      # {the two branch ids: ForkProof}
        self.quarantine, self.receipts = [], []
        self.latest = {}      # {journal as a sender names it: the entry of it that came last}

    def trial(self):
        other = copy.copy(self)
        other.journals = {j: list(es) for j, es in self.journals.items()}
        for name in ("order", "journal_of", "proofs", "quarantine", "receipts", "latest"):
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

    def heads(self):
        """Page 4: the knowledge of the scope, {journal: (position, hash)}."""
        return {j: (es[-1].position, es[-1].hash) for j, es in sorted(self.journals.items()) if es}

    def knowledge_digest(self):
        return knowledge_digest(self.scope, self.heads())

    def contexts(self, journal, entry):
        """Every component of every context of the entry, as read."""
        return [c for edit in entry.edits for c in self.forks.read(journal, written_context(edit)).items()]

    def append(self, journal, entry):
        """Page 2, What verifies, all but the signature (point 3); then stored."""
        before = self.at(journal, entry.position - 1)
        need(entry.version == entry.algorithm == 1, "unsupported-version", "header")
        formed(1 <= entry.position <= MAX_POSITION and entry.replica, "position or replica id")
        formed(entry.scope == self.scope and entry.replica == self.forks.replica(journal), "scope or replica id")
        need(entry.position == self.top(journal) + 1 and (before or entry.position == 1), "gap", "position")
        need(entry.previous == self.hash_at(journal, entry.position - 1), "does-not-link", "previous hash")
        if before:
            need(entry.time >= before.time, "clock-backwards", "time")
            need(entry.roster >= before.roster, "roster-backwards", "roster version")
        check_contents(entry)
        for replica, position in (c for edit in entry.edits for c in written_context(edit)):
            need(replica != entry.replica or position < entry.position, "unseen-context", "own component")
        for other, position in self.contexts(journal, entry):
            need(position <= self.top(other), "unseen-context", f"{id64(other)} up to {position}")
        self.hold(journal, entry)

    def hold(self, journal, entry):
        self.journals.setdefault(journal, []).append(entry)
        self.order.append(entry)
        self.journal_of[entry.hash] = journal

    # --- taking in

    def entries_of(self, run, before=None):
        """Page 4: the run's entries with all that was left out. Hashes are chained from the run's `previous`, or the entry
        that came before, or what is held."""
        need(run.version in (0, 1), "unsupported-version", "run")
        formed(run.entries and 1 <= run.start <= MAX_POSITION, "no entries, or no position")
        came = before.hash if before and before.position == run.start - 1 else b""
        previous = ZERO if run.start == 1 else run.previous or came or self.hash_at(run.journal, run.start - 1)
        need(previous, "gap", f"nothing held at {run.start - 1}")
        formed(len(previous) == 32, "previous hash")
        at, roster, offset = run.time, run.roster, run.offset if run.HasField("offset") else UNMEASURED
        entries = []
        for position, item in enumerate(run.entries, run.start):
            at += item.time
            offset = item.offset if item.HasField("offset") else offset
            roster = item.roster if item.HasField("roster") else roster
            if item.parts:
                formed(not item.seed and not item.values, "both parts and seed or values")
                parts = []
                for p in item.parts:
                    whole, gone = len(p.salt) == 16 and not p.erased, len(p.erased) == 32 and not (p.salt or p.value)
                    formed(whole or gone, "part")
                    parts.append(Part(p.salt, p.value, commitment(p.salt, p.value)) if whole else
                                 Part(None, ERASED, p.erased))
            else:
                formed(len(item.seed) == (16 if item.values else 0), "seed")
                need(len(item.values) <= 4096, "too-large", "values")
                parts = parts_from(item.seed, item.values)
            entries.append(build_entry(self.scope, run.replica or run.journal, position, previous, at, offset, roster,
                                       item.skeleton, item.seed, parts))
            previous = entries[-1].hash
        return entries

    def follows(self, entry, before):
        """Whether a header that came without its entry (in a cover, in a proof) follows the other."""
        return (entry.scope, entry.replica, entry.position, entry.previous) == (
            self.scope, before.replica, before.position + 1, before.hash)

    def signature_verifies(self, run, last, key):
        """Page 2, What verifies, point 3: the run's signature, over its last entry or the last header of its cover."""
        need(len(run.cover) <= UNSIGNED, "too-large", "cover")
        for header in run.cover:
            entry = header_entry(header, "signature-invalid")
            need(self.follows(entry, last), "signature-invalid", "the cover does not follow")
            last = entry
        return verifies(key, "head", last.hash, run.signature)

    def take_run(self, run, later=()):
        """Page 4: a receiver takes a run in; `later` are the frame's further runs of that journal. Gives the entries that
        were new. Where one goes its previous hash says: the sender may not know that the journal ended in branches."""
        replica, new, forks = run.replica or run.journal, [], self.forks
        formed(run.journal, "journal 0")
        need(replica == run.journal or run.journal in forks.origin, "unproven-branch", "no proof of this fork")
        formed(replica == forks.replica(run.journal), "not the branch's replica id")
        entries = self.entries_of(run, self.latest.get(run.journal))
        self.latest[run.journal] = entries[-1]
        for index, entry in enumerate(entries):
            if entry.hash in self.journal_of:
                continue
            place, branch = entry.position, branch_id(replica, entry.hash)
            unlinked = "gap" if place > self.top(run.journal) + 1 else "does-not-link"
            journal = replica if place == 1 else self.journal_of.get(entry.previous)
            need(journal, unlinked, f"the hash before {place} is not held")
            if self.top(journal) >= place or forks.end(journal) == place and branch not in forks.origin:
                self.prove(journal, entries[index:], run, later)
            if forks.end(journal) == place:
                journal = branch
            need(run.journal in forks.line(journal), unlinked, "this follows an entry of another journal")
            self.append(journal, entry)
            new.append(entry)
        if new and run.signature and self.signature_verifies(run, entries[-1], self.device_key(journal)):
            entries[-1].signature, entries[-1].cover = run.signature, list(run.cover)
        return new

    def check_signed(self, new):
        """Page 2, What verifies, point 3, over a frame's new entries."""
        distance = {}  # journal: how many entries back its next signature is
        for entry in reversed(new):
            here = self.journal_of[entry.hash]
            distance[here] = 1 if entry.signature else 1 + distance.get(here, MIB)
            need(distance[here] <= MIB, "signature-invalid", "no signature here or later verifies")
            need(distance[here] <= UNSIGNED, "too-large", "entries between signatures")

    def take_frame(self, tail_bytes):
        """Page 4: a frame is taken in whole, but a bad journal keeps out only itself and what depends on it.
        Gives (the store as it is then, refusals, count of new entries)."""
        need(len(tail_bytes) <= 2 * MIB, "too-large", "frame")
        runs, bad = decode(pb.Tail, tail_bytes).runs, {}
        while True:
            trial, new = self.trial(), {}  # journal as the sender names it: new entries
            try:
                for index, run in enumerate(runs):
                    label = run.journal
                    if label not in bad:
                        later = [r for r in runs[index + 1:] if r.journal == label]
                        new.setdefault(label, []).extend(trial.take_run(run, later))
                for label, entries in new.items():
                    trial.check_signed(entries)
                break
            except Problem as problem:
                problem.journal, bad[label] = label, problem
        trial.quarantine += [p.told(runs=[r.SerializeToString().hex() for r in runs if r.journal == j]) for j, p in bad.items()]
        return trial, list(bad.values()), sum(map(len, new.values()))

    # --- forks

    def branch_message(self, journal, place):
        """Page 4: what is held from the position on, up to a signature, for a ForkProof."""
        headers = []
        for position in itertools.count(place):
            entry = self.at(journal, position)
            need(entry and len(headers) < UNSIGNED, "proof-invalid", "nothing signed is held to prove the fork with")
            headers.append(entry.header)
            if entry.signature:
                return pb.Branch(headers=[*headers, *entry.cover], signature=entry.signature,
                                 birth=self.at(journal, 1).skeleton if place == 1 else b"")

    def prove(self, journal, entries, run, later):
        """Page 4: another entry stands where the run's first of these does: make the proof and divide the journal."""
        place, birth = entries[0].position, entries[0].skeleton if entries[0].position == 1 else b""
        while not run.signature and later:
            run, *later = later
            entries = entries + self.entries_of(run, entries[-1])
        if self.top(journal) >= place:
            mine = self.branch_message(journal, place)
        else:  # it ended here before: this is one more continuation
            mine = next(b for p in self.proofs.values() for b, id in zip(p.branches, proof_branches(p))
                        if self.forks.origin[id] == (journal, place))
        theirs = pb.Branch(headers=[*(e.header for e in entries), *run.cover], signature=run.signature, birth=birth)
        self.take_proof(self.make_proof(journal, entries[0].replica, place, mine, theirs))

    def make_proof(self, journal, replica, place, *branches):
        return pb.ForkProof(scope=self.scope, journal=journal, replica=replica, position=place,
                            branches=sorted(branches, key=lambda b: H(0x10, b.headers[0])))

    def take_proof(self, proof):
        """Page 4: verify a ForkProof and divide the journal."""
        sound = lambda holds, detail: need(holds, "proof-invalid", detail)
        replica, place = proof.replica, proof.position
        sound(proof.scope == self.scope and len(proof.branches) == 2 and replica and place, "shape")
        chains = []
        for branch in proof.branches:
            sound(1 <= len(branch.headers) <= UNSIGNED, "number of headers")
            chains.append([header_entry(h, "proof-invalid") for h in branch.headers])
            sound(all(self.follows(b, a) for a, b in itertools.pairwise(chains[-1])), "does not chain")
        firsts = [c[0] for c in chains]
        sound(all((e.scope, e.replica, e.position) == (self.scope, replica, place) for e in firsts), "scope, replica, position")
        sound(firsts[0].hash < firsts[1].hash, "order of branches")
        sound(firsts[0].previous == firsts[1].previous, "previous hashes differ")
        # The line that has the previous hash: proof.journal is what its maker knew, an earlier fork may have renamed that.
        parent = replica if place == 1 else self.journal_of.get(firsts[0].previous)
        sound(parent and self.forks.replica(parent) == replica and self.hash_at(parent, place - 1) == firsts[0].previous,
              "what stands before the fork is not held")
        for chain, branch in zip(chains, proof.branches):
            key = self.device_key(parent)
            if place == 1:
                sound(rest_of(branch.birth, []) == chain[0].rest, "birth")
                key = decode(pb.Skeleton, branch.birth, "proof-invalid").birth.device_key
            sound(verifies(key, "head", chain[-1].hash, branch.signature), "signature")
        ids = proof_branches(proof)
        self.divide(parent, replica, place, ids)
        self.proofs[frozenset(ids)] = proof
        common = self.at(parent, place - 1)
        if common and not common.signature:  # it travels with a cover from now on
            common.signature, common.cover = branch.signature, list(branch.headers)
        mine = next((b for b, o in self.forks.origin.items() if o == (parent, place) and self.journals.get(b)
                     and not any(b in pair for pair in self.proofs)), None)
        if mine:  # what was held is a third continuation: prove that too, if it can be
            try:
                self.take_proof(self.make_proof(parent, replica, place, self.branch_message(mine, place), proof.branches[0]))
            except Problem as problem:
                self.quarantine.append(problem.told(branch=id64(mine)))

    def divide(self, journal, replica, place, branches):
        """Page 4: the journal ends before `place`; what was held from there on is renamed to its branch."""
        if self.top(journal) >= place:
            mine, index = branch_id(replica, self.hash_at(journal, place)), place - self.forks.first(journal)
            self.journals[mine], self.journals[journal] = self.journals[journal][index:], self.journals[journal][:index]
            self.journal_of.update((e.hash, mine) for e in self.journals[mine])
            if journal in self.forks.ends:  # it had ended further on: those branches now continue this one
                self.forks.ends[mine] = self.forks.ends[journal]
                for b, origin in list(self.forks.origin.items()):
                    if origin[0] == journal:
                        self.forks.origin[b] = (mine, origin[1])
            branches = {*branches, mine}
        self.forks.add(journal, replica, place, branches)

    # --- passing on

    def held_by(self, theirs):
        """Page 4, Finding the fork: ({journal: how far the other holds it}, {journal: position where hashes differ})."""
        held, differ = {}, {}
        for journal, (place, head) in theirs.items():
            if all(journal not in known for known in (self.journals, self.forks.origin, self.forks.ends)):
                continue
            if place >= self.forks.end(journal):  # to the other it is not divided yet
                for b in self.forks.origin:
                    line = self.forks.line(self.forks.owner(b, place))
                    if journal in line and self.hash_at(b, place) == head:
                        held.update((j, max(held.get(j, 0), min(place, self.top(j)))) for j in line)
            elif place <= self.top(journal) and self.hash_at(journal, place) != head:
                differ[journal] = place
            else:
                held[journal] = max(held.get(journal, 0), min(place, self.top(journal)))
        return held, differ

    def ready(self, entries):
        """Page 4: of entries in causal order those a frame can carry: each has a signature here or later among them, and
        what it depends on is among them or was sent."""
        first = {}
        for e in reversed(entries):
            first[self.journal_of[e.hash]] = e.position
        while True:
            end = {j: p - 1 for j, p in first.items()}
            end.update((self.journal_of[e.hash], e.position) for e in entries if e.signature)
            stopped, good = set(), []
            for e in entries:
                journal = self.journal_of[e.hash]
                wanted = [(journal, e.position), *self.contexts(journal, e)]
                if journal in stopped or any(p > end.get(j, p) for j, p in wanted if p >= first.get(j, p + 1)):
                    stopped.add(journal)
                else:
                    good.append(e)
            if len(good) == len(entries):
                return good
            entries = good

    def messages_for(self, theirs, held, leave_out=()):
        """Page 4: the frames with what the other lacks and the proofs, each before the first entry that needs it, as
        Messages; and the heads so sent."""
        out, lot, sent = [], [], {}
        proofs = {pair: p for pair, p in self.proofs.items() if not all(b in theirs for b in pair)}

        def flush():
            ready = self.ready(lot)
            if ready:
                out.append(pb.Message(frame=pb.Frame(scope=self.scope, plain=self.tail(ready, theirs).SerializeToString())))
                sent.update((self.journal_of[e.hash], (e.position, e.hash)) for e in ready)
                gone = {e.hash for e in ready}
                lot[:] = [e for e in lot if e.hash not in gone]

        def prove(journals):
            pairs = [pair for pair in proofs if pair & journals]
            if pairs:
                flush()
            for pair in pairs:
                parent, place = self.forks.origin[min(pair)]
                if place == 1 or place - 1 <= max(held.get(parent, 0), sent.get(parent, (0,))[0]):
                    out.append(pb.Message(proof=proofs.pop(pair)))

        for entry in self.order:
            journal = self.journal_of[entry.hash]
            if journal not in leave_out and entry.position > held.get(journal, self.forks.first(journal) - 1):
                prove({journal})
                lot.append(entry)
                if sum(e.size + 256 + 32 * len(e.parts) for e in lot) > MIB // 4:
                    flush()
        prove({*self.forks.origin})  # the other may hold one continuation and there is no entry of the other branch to send
        flush()
        return out, sent

    def tail(self, entries, theirs=()):
        """Page 4: entries in causal order as runs, each ending at a signature or where the journal changes.
        `previous` is left out only of a run that follows a head the receiver named."""
        tail, before, last, theirs = pb.Tail(), None, None, dict(theirs)
        for e in entries:
            journal = self.journal_of[e.hash]
            if before is None or before.signature or journal != last or e.position != before.position + 1:
                run = tail.runs.add(journal=journal, start=e.position, time=e.time, roster=e.roster,
                                    replica=0 if e.replica == journal else e.replica)
                if e.offset != UNMEASURED:
                    run.offset = e.offset
                if e.position > 1 and theirs.get(journal) != (e.position - 1, e.previous):
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
            run.cover.extend(e.cover)
            before, last = e, journal
        return tail

    # --- disk (not part of the protocol)

    def to_json(self):
        hexed = lambda messages: [m.SerializeToString().hex() for m in messages]
        return {"scope": self.scope.hex(), "quarantine": self.quarantine, "receipts": self.receipts,
                "proofs": hexed(self.proofs.values()), "entries": hexed(self.tail([e]).runs[0] for e in self.order),
                "forks": [[id64(b), id64(j), p, id64(self.forks.replicas[b])] for b, (j, p) in self.forks.origin.items()]}

    @staticmethod
    def from_json(data):
        store = Store(bytes.fromhex(data["scope"]))
        store.quarantine, store.receipts = data["quarantine"], data["receipts"]
        for branch, journal, place, replica in data["forks"]:
            store.forks.add(int(journal, 16), int(replica, 16), place, [int(branch, 16)])
        for item in data["proofs"]:
            proof = pb.ForkProof.FromString(bytes.fromhex(item))
            store.proofs[frozenset(proof_branches(proof))] = proof
        for item in data["entries"]:
            run = pb.Run.FromString(bytes.fromhex(item))
            entry, = store.entries_of(run)
            entry.signature, entry.cover = run.signature, list(run.cover)
            store.hold(run.journal, entry)
        return store


# --------------------------------------------------------------------------- pages 2 to 4: the edits of the entries

def read_edit(forks, dot, type_key, context, writes, when, author=None):
    """Page 4, Reading contexts: an edit from its context and its writes' names as written, these as dots."""
    for w in writes:
        w.names = [n for n in (forks.read_name(dot[0], n) for n in w.names) if n]
    return Edit(dot, type_key, forks.read(dot[0], context), writes, when, author)

def edits_of(entry, journal, forks, author=None):
    """Page 2, Order of values: the edits of an entry, as (record, Edit)."""
    values = iter(p.value for p in entry.parts)
    for _ in range(entry.body.change.author + entry.body.change.message):
        next(values)
    for edit in entry.edits:
        context, writes = written_context(edit), []
        for w in edit.writes:
            kind = KIND_NAMES[w.kind]
            named = [(context[n.component][0], context[n.component][1] - n.back, n.ordinal) for n in w.names]
            value = next(values) if KINDS[kind][3] else None
            writes.append(Write(kind, w.field, named, value, next(values) if w.reason else b""))
        yield edit.record, read_edit(forks, (journal, entry.position), edit.type, context, writes,
                                     corrected(entry.time, entry.offset), author)

# --------------------------------------------------------------------------------------------------- page 5: access

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
DEVICE, SESSION = ("ed25519", "dundian-device"), ("hmac-sha256", "dundian-session")  # alg and tag of request signatures

def read_join_code(code):
    """Page 5: (secret, fingerprint characters) of a join code as typed."""
    code = code.lower().replace("-", "").replace(" ", "").translate(str.maketrans("oil", "011"))
    need(len(code) == 24 and all(c in ALPHABET for c in code), "join-code-wrong", "a join code has 24 characters")
    return code[:12], code[12:]

def fingerprint(root):
    """Page 5: the first 60 bits of H(1e, root key) as twelve characters."""
    bits = int.from_bytes(H(0x1E, root)[:8], "big") >> 4
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5))

def join_request(secret, nonce, device, name):
    """Page 5, To join: the request, which shows that the sender knows the code."""
    key = H(0x1F, secret.encode())
    return pb.Join(lookup=H(0x20, key)[:16], device_key=device, device_name=name,
                   proof=hmac.digest(key, nonce + device + name.encode(), "sha256"))

def open_roster(signed, root=None):
    """Page 5: a roster whose signature verifies with its root, which is the one given."""
    roster = decode(pb.Roster, signed.roster, "bad-request")
    need(verifies(roster.root, "roster", signed.roster, signed.signature), "signature-invalid", "roster")
    need(root in (None, roster.root), "roster-not-successor", "another root")
    return roster

def grants_of(device):
    return [(g.scope, getattr(g, "from"), g.until) for g in device.grants]

def check_successor(old, new):
    """Page 5: a newer roster continues the older."""
    ok = lambda holds, detail: need(holds, "roster-not-successor", detail)
    ok(new.version > old.version and new.root == old.root, "version or root")
    ok({p.id for p in old.people} <= {p.id for p in new.people}, "a person is gone")
    ok({s.id for s in old.scopes} <= {s.id for s in new.scopes}, "a scope is gone")
    ok(all(w in new.withdrawals for w in old.withdrawals), "a withdrawal was lifted")
    devices = {d.key: d for d in new.devices}
    for device in old.devices:
        ok(device.key in devices, "a device is gone")
        ok(devices[device.key].person == device.person, "a device's person changed")
        ok(device.agreement in (b"", devices[device.key].agreement), "a device's agreement key changed")
        for scope, start, until in grants_of(device):
            ok(any((scope, start) == (s, f) and (until == end or until == 0 and end > old.version)
                   for s, f, end in grants_of(devices[device.key])), "a grant changed otherwise than by a later until")

def device_of(roster, key):
    return next((d for d in roster.devices if d.key == key), None)

def granted(roster, key, scope, version):
    """Page 5: the roster has a grant of the scope for the device at that roster version."""
    device = device_of(roster, key)
    return bool(device) and any(s == scope and start <= version and (until == 0 or version < until)
                                for s, start, until in grants_of(device))

def counting(store, roster):
    """Page 5: {journal: the last position that counts}; a branch counts only if its line before it does."""
    result, forks = {}, store.forks
    for journal in sorted(store.journals, key=lambda j: len(forks.line(j))):
        line, first, key = forks.line(journal), forks.first(journal), store.device_key(journal)
        cuts = [w for w in roster.withdrawals if w.scope == store.scope and w.journal in line]
        counts = all(result.get(j, 0) >= forks.ends[j] - 1 for j in line[:-1]) and not (
            journal in forks.origin and any(first <= w.position <= store.top(journal)
                                            and store.hash_at(journal, w.position) != w.hash for w in cuts))
        result[journal] = first - 1
        for e in store.journals[journal] if counts else ():
            if not (e.roster <= roster.version and granted(roster, key, store.scope, e.roster)
                    and all(e.position <= w.position for w in cuts)):
                break
            result[journal] = e.position
    return result

def records_of(store, roster):
    """Pages 3 and 5: {record: its counting edits}, each with the person who wrote it."""
    upto, records = counting(store, roster), {}
    device = {journal: device_of(roster, store.device_key(journal)) for journal in store.journals}
    author = {journal: d.person for journal, d in device.items() if d and d.person}
    for entry in store.order:
        journal = store.journal_of[entry.hash]
        if 1 < entry.position <= upto[journal]:
            for record, edit in edits_of(entry, journal, store.forks, author.get(journal)):
                records.setdefault(record, []).append(edit)
    return records

def signed_headers(path, field, body, nonce, keyid, alg, tag, signer):
    """Page 5, Request signatures: (RFC 9421's signature base, the signature, the headers)."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    params = f'("@method" "@path" "{field}");nonce="{nonce}";keyid="{keyid}";alg="{alg}";tag="{tag}"'
    base = f'"@method": POST\n"@path": {path}\n"{field}": {digest}\n"@signature-params": {params}'.encode()
    signature = signer(base)
    return base, signature, {field: digest, "signature-input": f"dundian={params}",
                             "signature": f"dundian=:{base64.b64encode(signature).decode()}:"}

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

    def headers(self, path, *rest):
        """Page 5, Request signatures; the path is the one the service sees."""
        return signed_headers(urllib.parse.urlsplit(self.state["url"].rstrip("/") + path).path, *rest)[2]

    def device_request(self, path, make):
        """Page 5: a request signed with the device key over a fresh nonce, made by make(nonce); (nonce, answer)."""
        nonce = decode(pb.Nonce, self.post("/v1/nonce", b""), "bad-request").nonce
        body = make(nonce).SerializeToString()
        return nonce, self.post(path, body, self.headers(path, "content-digest", body, nonce.hex(), public(self.key).hex(),
                                                         *DEVICE, self.key.sign))

    def sign_in(self):
        """Page 5, Sign-in."""
        own, device = X25519PrivateKey.generate(), public(self.key)
        message = pb.SignIn(device_key=device, ephemeral=public(own))
        nonce, data = self.device_request("/v1/sign-in", lambda nonce: message)
        answer = decode(pb.SignInAnswer, data, "bad-request")
        need(verifies(self.roster.service, "sign-in", nonce + device + message.ephemeral + answer.ephemeral + answer.session,
                      answer.signature), "signature-invalid", "the sign-in answer")
        shared = own.exchange(X25519PublicKey.from_public_bytes(answer.ephemeral))
        self.state["session"] = {"id": answer.session.hex(), "counter": 0,
                                 "key": session_key(shared, nonce, device, self.roster.service).hex()}

    def request(self, path, body, opening=None):
        """Page 5: a request within a session; `opening` are the bytes covered where not all are."""
        field, covered, kind, limit = ("content-digest", body, "application/x-protobuf", 8 * MIB) if opening is None else (
            "dundian-opening", opening, "application/x-dundian-stream", None)
        for attempt in (0, 1):
            if not self.state.get("session"):
                self.sign_in()
            session = self.state["session"]
            session["counter"] += 1
            self.save()
            headers = self.headers(path, field, covered, session["counter"], session["id"], *SESSION,
                                   lambda base: hmac.digest(bytes.fromhex(session["key"]), base, "sha256"))
            try:
                return self.post(path, body, headers, kind, limit)
            except Problem as problem:  # nonce-unknown: the counter was used, or is too far behind
                if problem.code not in ("session-unknown", "nonce-unknown") or attempt:
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
            places = range(low, place, max(1, (place - low + 255) // 256))
            probe = pb.Probe(scope=store.scope, journal=journal, positions=places)
            hashes = self.ask("/v1/probe", probe, pb.ProbeAnswer).hashes
            need(len(hashes) == len(places), "bad-request", "probe answer")
            same = sum(1 for _ in itertools.takewhile(lambda x: x[0] == store.hash_at(journal, x[1]), zip(hashes, places)))
            low = places[same - 1] + 1 if same else low
            place = places[same] if same < len(places) else place
        return place

    def sync(self, own):
        """Pages 4 and 5: hello and exchange, again while there is something to do. `own`: also send own entries."""
        report = {"rounds": 0, "received": Counter(), "sent": Counter(), "refused_here": [], "refused_there": [],
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
        stores = {name: self.store(scope) for name, scope in self.scopes().items()}
        report["forks"] = {n: {id64(j): p for j, p in sorted(s.forks.ends.items())} for n, s in stores.items() if s.forks.ends}
        catalogue = hashlib.sha256((PROTOCOL / "catalogue/supervision.json").read_bytes()).digest()
        report |= {"roster": self.roster.version, "catalogue_in_force": catalogue == self.roster.catalogue,
                   "roster_expired": self.clock() + self.state["offset"] > self.roster.expires,
                   "entries": {n: len(s.order) for n, s in stores.items()}}
        self.save()
        return report, not (report["uncovered"] or report["cut"])

    def exchange(self, differing, own, diverged, report):
        """Page 4, Exchange. Gives (whether anything moved, {(scope, journal): position} where to probe)."""
        openings, rest, sent, moved, names = [], [], {}, False, {s: n for n, s in self.scopes().items()}
        for scope, theirs in differing.items():
            store = self.store(scope)
            heads = [pb.Head(journal=j, position=p, hash=h) for j, (p, h) in store.heads().items()]
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
                report["sent"][names[scope]] += sum(
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
                    report["received"][names[inner.scope]] += count
                    report["refused_here"] += [p.told() for p in bad]
                    moved |= count > 0
                elif kind == "proof":
                    trial = self.store(inner.scope).trial()
                    trial.take_proof(inner)
                    moved |= trial.heads() != self.store(inner.scope).heads()
                    self.stores[inner.scope] = trial
                elif kind == "refusal":
                    problem = Problem(inner.code, inner.detail, inner.journal)
                    report["refused_there"].append(problem.told(position=inner.position))
                elif kind == "divergence":
                    diverged[inner.scope, inner.journal] = inner.position
                elif kind == "receipt":
                    self.keep_receipt(inner, sent, report)
            except Problem as problem:
                report["refused_here"].append(problem.told())
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
                further.get(b, 0) > head[0] and j in store.forks.line(b) for b in {j, *store.forks.origin})}
        report["receipts"] += 1
        store.receipts.append(signed.SerializeToString().hex())

    # --- reading and writing records

    def states(self, scope):
        return {r: fold(es) for r, es in records_of(self.store(scope), self.roster).items()}

    def find(self, record):
        for name, scope in self.scopes().items():
            states = self.states(scope)
            if record in states:
                return scope, states[record]
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
        """Pages 2 and 4: the birth if this scope has none (anew when the replica id has forked), then the change."""
        store, replica = self.store(scope), int(self.state.get("replica", "0"), 16)
        if not replica or any(replica in self.store(s).forks.ends for s in self.scopes().values()):
            self.state["earlier"], replica = id64(replica), secrets.randbits(64) or 1
            self.state["replica"] = id64(replica)
        if replica not in store.journals:
            birth = pb.Birth(device_key=public(self.key), earlier=int(self.state["earlier"], 16))
            self.author(store, replica, pb.Skeleton(birth=birth), [])
        author = text(device_of(self.roster, public(self.key)).person)
        return self.author(store, replica, pb.Skeleton(change=pb.Change(author=True, edits=[edit])), [author, *values])

    def write(self, scope, record, state, assignments, reason=None, extra=()):
        """Page 3, Writing: the edit that assigns the fields ("f=v", "f+=v" and "f-=v" for sets)."""
        fields, values = catalogue_fields(state.type), []
        edit = pb.Edit(record=record, type=state.type, context=context_message(state.vector))

        def add(kind, field="", targets=(), value=None, why=None):
            edit.writes.add(kind=KIND_NAMES.index(kind), field=field, reason=bool(why),
                            names=[name_message(state.vector, dot) for dot in targets])
            values.extend(([] if value is None else [value]) + ([text(why)] if why else []))

        for assignment in assignments:
            match = re.fullmatch(r"([^=+-]+)([+-]?)=(.*)", assignment, re.S)
            need(match, "bad-request", f"not field=value: {assignment}")
            key, sign_, typed = match.groups()
            field = fields.get(key, {"kind": "text", **REVIEW})
            value = value_for(field, typed)
            candidates, elements = state.fields.get(key, ([], []))
            if sign_ == "-":
                gone = [(*e.dot, i) for e, i, w in elements if w.value == value]
                need(gone, "bad-request", f"{key} has no element {typed}")
                add("drop", key, gone, why=reason)
            elif sign_ or field["rule"] == "union" and not candidates:
                add("add", key, value=value, why=reason)
            elif len(candidates) < 2:
                add("put", key, [e.dot for e, _, _ in candidates], value, reason)
            else:
                pairs = [c[:2] for c in candidates]
                settled = settle_by_rule(state.edits, key, pairs, field) is not None
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

# ----------------------------------------------------------------------------------- page 7: bundles and meetings

BUNDLE, MEET, WRAP, CHUNK, LAST = b"\x89DUNDIAN", b"\x89DUNMEET", 80, 65536, 1 << 31

def agreement_private(seed):
    """Page 5, Agreement keys."""
    return X25519PrivateKey.from_private_bytes(H(0x22, seed))

def hkdf_extract(salt, data):
    return hmac.digest(salt or bytes(32), data, "sha256")

def hkdf_expand(key, info, length):
    out, block = b"", b""
    while len(out) < length:
        block = hmac.digest(key, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:length]

def hpke_open(wrap, secret, info):
    """RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305; None if it is for another."""
    enc, sealed = wrap[:32], wrap[32:]
    extract = lambda suite, salt, label, data: hkdf_extract(salt, b"HPKE-v1" + suite + label + data)
    expand = lambda suite, key, label, data, n: hkdf_expand(key, u(16, n) + b"HPKE-v1" + suite + label + data, n)
    kem, suite = b"KEM" + u(16, 0x20), b"HPKE" + u(16, 0x20) + u(16, 1) + u(16, 3)
    try:
        shared = secret.exchange(X25519PublicKey.from_public_bytes(enc))
        shared = expand(kem, extract(kem, b"", b"eae_prk", shared), b"shared_secret", enc + public(secret), 32)
        context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
        base = extract(suite, shared, b"secret", b"")
        key, nonce = expand(suite, base, b"key", context, 32), expand(suite, base, b"base_nonce", context, 12)
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, None)
    except (InvalidTag, ValueError):
        return None

def open_chunk(key, number, last, sealed, associated):
    """Page 7: one sealed chunk, or a meeting's record."""
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(3) + u(64, number) + bytes([last]), sealed, associated)
    except InvalidTag:
        raise Problem("bundle-changed", f"chunk {number}") from None

def read_bundle(data, secret):
    """Page 7: (signed roster, [Message], time, writer) of each section that opens."""
    need(data[:8] == BUNDLE, "not-a-bundle", "its first bytes")
    need(data[8:10] == u(16, 1), "bundle-too-new", "its version")
    preamble, at = data[:12], 12
    take = lambda n: need(at + n <= len(data), "bundle-cut", f"at {len(data)}") or data[at:at + n]
    number = lambda n: int.from_bytes(take(n), "big")
    for section in range(int.from_bytes(data[10:12], "big")):
        wraps = int.from_bytes(take(4)[2:], "big")
        need(take(4)[:2] == u(16, section), "bundle-changed", "a section's number")
        header = take(4 + WRAP * wraps)
        at += len(header)
        opened = (hpke_open(header[i:i + WRAP], secret, b"dundian-bundle-1") for i in range(4, len(header), WRAP))
        key, associated = next(filter(None, opened), None), H(0x23, preamble + header)
        plain, last, chunk = b"", False, 0
        while not last:
            length, last = number(4) & ~LAST, number(4) >= LAST
            at += 4
            need(16 < length <= CHUNK + 16, "bundle-changed", "a chunk's length")
            if key:
                plain += open_chunk(key, chunk, last, take(length), associated)
            take(length)
            at, chunk = at + length, chunk + 1
        if not key:
            continue
        said, trailer = plain[:-104], plain[-104:]
        need(verifies(trailer[8:40], "bundle", H(0x23, preamble + header + said + trailer[:40]), trailer[40:]),
             "bundle-changed", "the writer's signature")
        length = int.from_bytes(said[:4], "big")
        yield (decode(pb.SignedRoster, said[4:4 + length]), list(stream(said[4 + length:])),
               int.from_bytes(trailer[:8], "big", signed=True), trailer[8:40])
    need(at == len(data), "bundle-malformed", "more after the end")

def check_handshake(case, root, seeds):
    """Page 7, Handshake: what one side's ephemeral secret and both sides' words prove."""
    hello, reply, proof = (bytes.fromhex(case[k]) for k in ("hello", "reply", "proof"))
    initiator, responder = (X25519PrivateKey.from_private_bytes(bytes.fromhex(case[f"{r}_ephemeral"]))
                            for r in ("initiator", "responder"))
    need(hello == MEET + u(16, 1) + public(initiator) and reply[:32] == public(responder), "malformed", "ephemeral keys")
    transcript = associated = H(0x25, root + hello + reply[:32])
    keys = hkdf_expand(hkdf_extract(transcript, initiator.exchange(responder.public_key())), b"dundian-meeting-1", 64)
    for role, record, key, seed in ((2, reply[32:], keys[32:], seeds[1]), (1, proof, keys[:32], seeds[0])):
        need(len(record) == 4 + int.from_bytes(record[:4], "big"), "malformed", "a record's length")
        said = open_chunk(key, 0, 0, record[4:], associated)
        need(said[:32] == public(private(seed)), "malformed", "a device key")
        need(verifies(said[:32], "meeting", H(0x25, transcript + bytes([role]) + said[:32]), said[32:]),
             "signature-invalid", "a proof")
        transcript = H(0x25, transcript + said)

@functools.cache
def catalogue_types():
    return {t["key"]: t for t in json.loads((PROTOCOL / "catalogue/supervision.json").read_text())["types"]}

def catalogue_fields(type_key):
    return {f["key"]: f for f in catalogue_types().get(type_key, {"fields": []})["fields"]}

def review_types():
    """The types as review.py takes them: their fields by key."""
    return {key: {**of, "fields": catalogue_fields(key)} for key, of in catalogue_types().items()}

def value_for(field, typed):
    """A value of the catalogue field's kind from what was typed; nothing typed clears."""
    kind = field["kind"].removesuffix("_set")
    if typed == "":
        return b""
    if kind == "choice":
        need(any(c["key"] == typed for c in field["choices"]), "bad-request", f"{typed} is not a choice of {field['key']}")
    if kind == "decimal":
        need(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", typed, re.A), "bad-request", f"{typed} is not a decimal")
    try:
        made = int(typed) if kind == "integer" else {"yes": True, "no": False}[typed] if kind == "yes_no" else typed
        kind = {"yes_no": "flag"}.get(kind, kind)
        return value_bytes({kind: made} if kind in pb.Value.DESCRIPTOR.fields_by_name else typed)
    except (ValueError, KeyError) as error:
        raise Problem("bad-request", f"{typed} is not a {kind}") from error


# ------------------------------------------------------------------------------------------------- vectors: running

def edit_from_json(e, forks):
    """protocol/vectors/README.md: an edit of fold.json, forks.json or review.json."""
    writes = [Write(w["kind"], w.get("field", ""), dots_from_json(w.get("names", [])),
                    value_bytes(w["value"]) if KINDS[w["kind"]][3] else None,
                    b"" if w.get("reason") is None else value_bytes(w["reason"])) for w in e["writes"]]
    return read_edit(forks, dot_from_json(e["dot"]), e["type"], dots_from_json(e["context"]), writes,
                     corrected(e["time"], e["offset"]), e.get("author"))

def orders_of(edits):
    """Every order of a few, several of more."""
    few = len(edits) <= 5
    return list(itertools.permutations(edits)) if few else [random.Random(i).sample(edits, len(edits)) for i in range(20)]

def check_fold(case, forks=None):
    """protocol/vectors/README.md: a case of fold.json, or a fold of forks.json. Gives what differs, and what was computed."""
    forks, expect = forks or Forks(), case["expect"]
    scope, id = bytes.fromhex(case["scope"]), bytes.fromhex(case["record"])
    for order in orders_of([edit_from_json(e, forks) for e in case["edits"]]):
        state = fold(order)
        record = Record(scope, id, state, {"fields": case["rules"]})
        got = {
            "type": state.type, "vector": dots_to_json(sorted(state.vector.items())),
            "fields": {key: {
                "candidates": [{"dot": dot_to_json(e.dot), "kind": w.kind, "approvals": dots_to_json(a)} for e, w, a in puts],
                "elements": dots_to_json((*e.dot, i) for e, i, _ in adds)} for key, (puts, adds) in state.fields.items()},
            "standing_deletes": dots_to_json(state.standing), "unseen_edits": dots_to_json(state.unseen),
            "late_puts": dots_to_json(state.late),
            "deleted": bool(state.standing),
            "shown": shown(record), "provisional_texts": provisional_texts(record),
            "items": [i.told() for i in record.items()], "state": state_bytes(id, state).hex(),
            "digest": record_digest(id, state).hex(), "scope_digest": scope_digest(scope, {id: state}).hex()}
        items = [{**i, **w} for i, w in zip(got["items"], expect["items"])]  # an id that is not there yet is not compared
        wanted = {**got, "provisional_texts": {}, **expect, "items": items + expect["items"][len(items):]}
        wrong = [key for key in got if got[key] != wanted[key]]
        if wrong:
            break
    return [f"{key}: got {json.dumps(got[key], ensure_ascii=False)}" for key in wrong], got

def shown(record):
    """Pages 3 and 9: what a reader is shown of each field, as protocol/vectors/README.md writes it."""
    return {key: field.shown() for key, field in record.fields.items()}

def provisional_texts(record):
    return {key: f.provisional_text for key, f in record.fields.items() if f.provisional_text is not None}

def notice_json(item):
    """An item of a scope, or a notice, as in review.json."""
    return {**item.told(), "number": KIND_NUMBERS[item.kind], "record": item.record.hex(), "other": item.other.hex() or None}

def item_json(item):
    return {**notice_json(item), "status": "proposed" if item.proposed else "open"}

def check_review(case):
    """protocol/vectors/README.md: a case of review.json."""
    scope, types, expect, wrong = bytes.fromhex(case["scope"]), case["types"], case["expect"], []
    for order in orders_of(case["edits"]):
        edits, without_empty = {}, lambda lists: {key: dots_to_json(dots) for key, dots in lists.items() if dots}
        for e in order:
            edits.setdefault(bytes.fromhex(e["record"]), []).append(edit_from_json(e, Forks()))
        review = Review(scope, {r: fold(es) for r, es in edits.items()}, types)
        got = {
            "records": {r.id.hex(): {
                "shown": shown(r),
                "waiting": without_empty({k: sorted(set().union(*map(f.needing, f.dots))) for k, f in r.fields.items()}),
                "approved": without_empty({k: [d for d in f.dots if f.is_decision(d) and f.is_approved(d)]
                                           for k, f in r.fields.items()}),
                "provisional_texts": provisional_texts(r)} for r in review.records.values()},
            "items": [item_json(i) for i in review.items()], "notices": [notice_json(n) for n in review.notices()],
            "likeness": {r.id.hex(): r.likeness and r.likeness.hex() for r in review.records.values()
                         if r.type.get("natural_key")},
            "reasons": [reason_json(review, r) for r in expect.get("reasons", ())]}
        wanted = {"reasons": [], **expect, "records": {id: {"provisional_texts": {}, **r} for id, r in expect["records"].items()}}
        wrong = [f"{key}: got {json.dumps(got[key], ensure_ascii=False)}" for key in got if got[key] != wanted[key]]
        if wrong:
            break
    return wrong, {}

def reason_json(review, asked):
    """Page 9, Reasons: what the settle of the field at the dot says, with what was asked."""
    field = review.records[bytes.fromhex(asked["record"])].fields[asked["field"]]
    reason = read_reason(field.at[dot_from_json(asked["dot"])][1].reason)
    kind = "claim" if reason.claim else "proposal" if reason.proposal else "decision"
    return {**{key: asked[key] for key in ("record", "field", "dot")}, "kind": kind, "code": reason.code,
            "comment": reason.comment}

def fill(case, got):
    """Writes computed bytes, digests and ids into a case that has none yet and whose readable part is right."""
    for key in ("state", "digest", "scope_digest"):
        case["expect"].setdefault(key, got[key])
    for item, computed in zip(case["expect"]["items"], got["items"]):
        item.setdefault("id", computed["id"])

def check_fork_case(case):
    """protocol/vectors/README.md: a case of forks.json."""
    forks = Forks()
    if case["kind"] == "branch_id":
        return differences(lambda c: {"branch": id64(branch_id(int(c["replica"], 16), bytes.fromhex(c["first"])))}, case)
    for f in case["forks"]:
        forks.add(int(f["journal"], 16), int(f["replica"], 16), f["position"], [int(b, 16) for b in f["branches"]])
    if case["kind"] == "fold":
        return check_fold(case, forks)
    edit = case["edit"]
    journal = int(edit["journal"], 16)
    context = forks.read(journal, dots_from_json(edit["context"]))
    named = [forks.read_name(journal, n) for n in dots_from_json(edit["names"])]
    got = {"context": dots_to_json(sorted(context.items())), "names": [n and dot_to_json(n) for n in named]}
    return differences(lambda _: got, case)

def check_exchange(case):
    """Page 4: whoever hears both streams of each step holds the same entries, folds to the same digest, and can check the receipts."""
    scope, signed = bytes.fromhex(case["scope"]), bytes.fromhex(case["roster"])
    root, service = bytes.fromhex(case["root"]), bytes.fromhex(case["service"])
    need(verifies(root, "roster", signed, bytes.fromhex(case["roster_signature"])), "signature-invalid", "roster")
    roster, store, wrong = decode(pb.Roster, signed), Store(scope), []
    for number, step in enumerate(case["steps"]):
        for name in ("upload", "download"):
            last = None
            for message in stream(bytes.fromhex(step[name])):
                last = message.WhichOneof("kind")
                if last == "frame":
                    store, bad, _ = store.take_frame(message.frame.plain)
                    wrong += [f"step {number}: {p.code}" for p in bad]
                elif last == "receipt":
                    receipt = message.receipt
                    need(verifies(service, "statement", receipt.statement, receipt.signature), "signature-invalid", "receipt")
            if last != "end":
                wrong.append(f"step {number}: the {name} has no end")
    states = {r: fold(es) for r, es in records_of(store, roster).items()}
    got = {"records": len(states), "scope_digest": scope_digest(scope, states).hex(),
           "knowledge_digest": store.knowledge_digest().hex()}
    return wrong + [f"{k}: {v}, not {case[k]}" for k, v in got.items() if v != case[k]], got

def check_bundle(case):
    """Page 7: each device of the file opens the bundle and comes to the same digest; a changed bundle opens for nobody."""
    scope, root, data = (bytes.fromhex(case[k]) for k in ("scope", "root", "bundle"))
    seeds, wrong, got = [bytes.fromhex(s) for s in case["seeds"]], [], {}
    for seed, agreement in zip(seeds, case["agreements"]):
        secret = agreement_private(seed)
        if public(secret).hex() != agreement:
            wrong.append(f"agreement key {public(secret).hex()}")
        signed, messages, at, writer = next(read_bundle(data, secret))
        roster, store = open_roster(signed, root), Store(scope)
        need(messages[-1].WhichOneof("kind") == "end", "malformed", "no end")
        for message in messages:
            if message.WhichOneof("kind") == "frame":
                store, bad, _ = store.take_frame(message.frame.plain)
                wrong += [p.code for p in bad]
        states = {r: fold(es) for r, es in records_of(store, roster).items()}
        got = {"records": len(states), "scope_digest": scope_digest(scope, states).hex(), "writer": writer.hex(),
               "knowledge_digest": store.knowledge_digest().hex(), "time": str(at)}
        wrong += [f"{k}: {v}, not {case[k]}" for k, v in got.items() if v != case[k]]
        for code, spoiled in (("bundle-cut", data[:-1]), ("bundle-changed", data[:-1] + bytes([data[-1] ^ 1])),
                              ("not-a-bundle", data[1:])):
            try:
                list(read_bundle(spoiled, secret))
                wrong.append(f"read although {code}")
            except Problem as problem:
                wrong += [] if problem.code == code else [f"{problem.code}, not {code}"]
    wrong += ["it opened for a stranger"] if list(read_bundle(data, agreement_private(bytes(32)))) else []
    check_handshake(case["meeting"], root, seeds)
    return wrong, got

def check_text(case):
    """Page 8: the spans; every side is read back from them; the sides from behind make no difference but in the numbers."""
    base, sides, spans = case["base"], case["sides"], case["spans"]

    def from_behind(spans):
        if isinstance(spans, list):
            return [from_behind(s) for s in spans]
        turned = {k: from_behind(v) if isinstance(v, (dict, list)) and k != "sides" else v for k, v in spans.items()}
        if "sides" in turned:
            turned["sides"] = sorted(len(sides) - 1 - n for n in turned["sides"])
        if "alternatives" in turned:
            turned["alternatives"].sort(key=lambda a: a["sides"])
        return turned

    got = merge_texts(base, sides)
    wrong = [] if got == spans else [f"spans: got {json.dumps(got, ensure_ascii=False)}"]
    wrong += [f"{'base' if n is None else f'side {n}'} is not read back"
              for n, text in [(None, base), *enumerate(sides)] if text_of_side(got, n) != text]
    return wrong + ["the order of the sides matters"] * (from_behind(merge_texts(base, sides[::-1])) != got), {}

def run_vectors(folder, filling):
    """protocol/vectors/README.md: every file that is there; {file: counts}, whether all passed."""
    checks = {name: functools.partial(differences, of) for name, (_, of) in GENERATED.items()} | {
        "fold": check_fold, "forks": check_fork_case, "text": check_text, "review": check_review, "exchange": check_exchange,
        "bundle": check_bundle,
        "working-days": lambda case: (check_working_days(case, calendar(Path(folder).parent / "calendar")), {})}
    result, good = {}, True
    for name, check in checks.items():
        file = Path(folder) / f"{name}.json"
        if not file.exists():
            result[file.name] = "absent, skipped"
            continue
        data, counts = json.loads(file.read_text()), {"passed": 0, "failed": 0}
        for case in data.get("cases", [data | {"name": name}]):
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
            lines = (json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in data["cases"])
            file.write_text('{"version":1,"cases":[\n' + ",\n".join(lines) + "\n]}\n")
        result[file.name], good = counts, good and not counts["failed"]
    return result, good

def differences(expect_of, case):
    got = expect_of(case)
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
    """Page 2: the case's `expect`, computed from its inputs."""
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
    return {"salts": hexes(p.salt for p in parts), "commitments": hexes(p.commitment for p in parts),
            "skeleton_hash": H(0x11, skeleton).hex(), "rest": entry.rest.hex(), "header": entry.header.hex(),
            "hash": entry.hash.hex(), "corrected_time": number(corrected(at, entry.offset))}

def signing_case(case):
    """Pages 2, 4 and 5: the case's `expect`, computed from its inputs."""
    kind = case["kind"]
    raw = {k: bytes.fromhex(v) for k, v in case.items() if k.endswith(("key", "hash", "bytes", "seed", "nonce", "session"))}
    pair = lambda seed: private(raw[seed])
    if kind in ("head", "roster", "statement"):
        message = raw["hash" if kind == "head" else "bytes"]
        key = pair("seed")
        return {"public_key": public(key).hex(), "message": (bytes([SIGNED[kind]]) + message).hex(),
                "signature": sign(key, kind, message).hex()}
    if kind == "join_code":
        secret, last = read_join_code(case["code"])
        request = join_request(secret, raw["nonce"], raw["device_key"], case["device_name"])
        return {"fingerprint": fingerprint(raw["root_key"]), "matches": last == fingerprint(raw["root_key"]),
                "join_key": H(0x1F, secret.encode()).hex(), "lookup": request.lookup.hex(), "proof": request.proof.hex()}
    if kind == "sign_in":
        client, service = (X25519PrivateKey.from_private_bytes(raw[s]) for s in ("client_seed", "service_seed"))
        device, signer = public(pair("device_seed")), pair("statement_seed")
        shared = client.exchange(service.public_key())
        message = raw["nonce"] + device + public(client) + public(service) + raw["session"]
        return {"device_key": device.hex(), "service_key": public(signer).hex(), "client_ephemeral": public(client).hex(),
                "service_ephemeral": public(service).hex(), "message": (b"\x1d" + message).hex(),
                "signature": sign(signer, "sign-in", message).hex(), "shared": shared.hex(),
                "session_key": session_key(shared, raw["nonce"], device, public(signer)).hex()}
    field = "dundian-opening" if kind == "exchange_request" else "content-digest"
    if kind == "device_request":
        signing = (case["nonce"], public(pair("seed")).hex(), *DEVICE, pair("seed").sign)
    else:
        signing = (case["counter"], case["session"], *SESSION, lambda base: hmac.digest(raw["session_key"], base, "sha256"))
    base, signature, headers = signed_headers(case["path"], field, raw["bytes"], *signing)
    return {"digest": headers[field], "base": base.decode(), "signature": signature.hex(), "headers": headers}

def vector_case(case):
    """Page 1: the case's `expect`, computed from its inputs."""
    vector = lambda v: {int(j, 16): int(p) for j, p in v}
    if "dot" in case:
        return {"has": has(vector(case["vector"]), dot_from_json(case["dot"]))}
    a, b = vector(case["a"]), vector(case["b"])
    return {"compare": compare(a, b), "reverse": compare(b, a),
            "join": [[id64(j), number(p)] for j, p in sorted(join(a, b).items())]}

def make_hashing():
    """hashing.json"""
    filler = lambda n, c: hashlib.sha512(c.encode()).digest()[:n]
    scope, device = filler(16, "scope"), public(private(bytes([1]) * 32))
    birth = pb.Skeleton(birth=pb.Birth(device_key=device)).SerializeToString()
    later = pb.Skeleton(birth=pb.Birth(device_key=device, earlier=7)).SerializeToString()

    def change(*kinds, context=((10, 3),), author=False, message=False, reasons=False):
        edit = pb.Edit(record=filler(16, "record"), type="talk", context=context_message(dict(context)))
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
        case("A change without values: a delete.", change("delete")),
        case("A change without values: a restore, an approve, an undo and a drop.",
             change("restore", "approve", "undo", "drop")),
        case("One value.", change("put"), nine[:1]),
        case("Three values: the first block of salts is not used up.", change(*["put"] * 3), nine[:3]),
        case("Four values: the first block of salts exactly.", change(*["put"] * 4), nine[:4]),
        case("Five values: the second block of salts begins.", change(*["put"] * 5), nine[:5]),
        case("Nine values: three blocks of salts.", put9, nine),
        case("Author, message, a value and its reason.", change("settle", author=True, message=True, reasons=True), nine[:4]),
        case("A delete with a reason.", change("delete", reasons=True), nine[:1]),
        case("Every other kind of write with a reason.", change(*(k for k in KINDS if k != "delete"), reasons=True),
             [*nine, text("a")]),
        case("Nine values, each kind of value.", put9, [value_bytes(v) for v in [
            "谈话", {"integer": -1}, {"decimal": "-1.50"}, {"flag": True}, {"date": "2026-05-11"},
            {"time": "2026-05-11T09:30+08:00"}, {"reference": "0f" * 16}, {"list": ["a", {"list": []}]}, {"data": "00ff"}]]),
        case("A value of zero bytes, which clears.", change("put"), [b""]),
        case("Members that are zero or empty are written.", change(*["put"] * 3),
             [value_bytes(v) for v in ["", {"integer": 0}, {"flag": False}]]),
        case("Composed and decomposed text are different values.", change("put", "put"), [text("\u00e9"), text("e\u0301")]),
        case("Values in other encodings than authors' keep their bytes: a longer length, a longer number, a member twice, an "
             "unknown field.", change(*["put"] * 4),
             [bytes.fromhex(v) for v in ("0a810035", "108a00", "0a01350a0136", "0a0135980601")]),
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
                   "erased; then an erased value has null for `salts` and `values` and its commitment in `erased`."), cases

def make_signing():
    """signing.json"""
    seed = lambda n: (bytes([n]) * 32).hex()
    device, root, service = (public(private(bytes([n]) * 32)) for n in (1, 2, 3))
    scope = bytes(range(16))
    roster = pb.Roster(version=2, root=root, service=service, issued=1778463000000, expires=1809999000000,
                       catalogue=hashlib.sha256(b"catalogue").digest(),
                       people=[pb.RosterPerson(id="p1", name="王芳")],
                       devices=[pb.RosterDevice(key=device, person="p1", name="laptop", grants=[
                           pb.Grant(**{"scope": scope, "from": 1, "until": 0})])],
                       scopes=[pb.RosterScope(id=scope, name="directory", title="名录", kind=0)],
                       withdrawals=[pb.Withdrawal(scope=scope, journal=10, position=4, hash=ZERO)]).SerializeToString()
    statement = pb.Statement(scope=scope, time=1778463000000, digest=knowledge_digest(scope, {10: (4, ZERO)}),
                             heads=[pb.Head(journal=10, position=4, hash=ZERO)]).SerializeToString()
    code = "7k3m-9qvt-0xyz" + "".join(f"-{fingerprint(root)[i:i + 4]}" for i in (0, 4, 8))
    session, key = bytes(range(16)).hex(), bytes(range(32)).hex()
    hello = pb.Hello(software="dundian", roster=2, scopes=[pb.ScopeDigest(scope=scope, digest=knowledge_digest(scope, {}))])
    openings = b"".join(delimited(pb.Message(opening=pb.Opening(scope=scope, heads=heads)))
                        for heads in ([], [pb.Head(journal=10, position=4, hash=bytes(range(32)))]))
    join_code = {"kind": "join_code", "code": code, "root_key": root.hex(), "nonce": seed(6)[:32], "device_key": device.hex(),
                 "device_name": "laptop"}
    join_body = join_request(read_join_code(code)[0], bytes.fromhex(join_code["nonce"]), device, "laptop").SerializeToString()
    sign_in = {"kind": "sign_in", "device_seed": seed(1), "statement_seed": seed(3), "client_seed": seed(4),
               "service_seed": seed(5), "nonce": seed(6)[:32], "session": session}
    cases = [
        {"name": "A head signature.", "kind": "head", "seed": seed(1), "hash": bytes(range(32)).hex()},
        {"name": "A head signature over a hash of zeros.", "kind": "head", "seed": seed(1), "hash": ZERO.hex()},
        {"name": "A head signature with another key.", "kind": "head", "seed": "9d" * 32, "hash": "ff" * 32},
        {"name": "A roster signature.", "kind": "roster", "seed": seed(2), "bytes": roster.hex()},
        {"name": "A statement: a receipt.", "kind": "statement", "seed": seed(3), "bytes": statement.hex()},
        {"name": "A join code.", **join_code},
        {"name": "A join code typed with capitals, O, I and L.", **join_code,
         "code": "OIL0-abCD-EFGH-" + code[15:].upper().replace("0", "O").replace("1", "L")},
        {"name": "A join code of another root.", **join_code, "root_key": service.hex()},
        {"name": "A join code with another nonce and a device name beyond ASCII.", **join_code, "nonce": "ab" * 16,
         "device_name": "王芳的笔记本"},
        {"name": "A sign-in: the answer's signature and the session key.", **sign_in},
        {"name": "A sign-in with another nonce and session id.", **sign_in, "nonce": "ab" * 16, "session": "cd" * 16},
        {"name": "A join request, signed by the device.", "kind": "device_request", "seed": seed(1), "path": "/v1/join",
         "nonce": seed(6)[:32], "bytes": join_body.hex()},
        {"name": "A sign-in request, signed by the device.", "kind": "device_request", "seed": seed(1),
         "path": "/v1/sign-in", "nonce": "00" * 16,
         "bytes": pb.SignIn(device_key=device, ephemeral=service).SerializeToString().hex()},
        {"name": "A hello within a session.", "kind": "session_request", "session_key": key, "session": session, "counter": 7,
         "path": "/v1/hello", "bytes": hello.SerializeToString().hex()},
        {"name": "An empty body and a large counter.", "kind": "session_request", "session_key": key, "session": session,
         "counter": 2**32, "path": "/v1/probe", "bytes": ""},
        {"name": "An exchange: only the openings are covered, each with its length.", "kind": "exchange_request",
         "session_key": key, "session": session, "counter": 8, "path": "/v1/exchange", "bytes": openings.hex()}]
    return NOTE + ("Seeds are Ed25519 private keys as in RFC 8032, `client_seed` and `service_seed` X25519 private keys. "
                   "`message` is what is signed, tag first. `base` is the RFC 9421 signature base, `signature` of a request "
                   "the bytes, `headers` as sent; `bytes` what the digest covers. Of a join code `join_key` is K of page 5, "
                   "`lookup` and `proof` what a Join with this nonce, device key and device name carries."), cases

def make_version_vectors():
    """version-vectors.json: its inputs are written by hand, in the file itself."""
    data = json.loads((PROTOCOL / "vectors/version-vectors.json").read_text())
    return data["note"], data["cases"]

GENERATED = {"hashing": (make_hashing, hashing_case), "signing": (make_signing, signing_case),
             "version-vectors": (make_version_vectors, vector_case)}

def make_vectors(folder):
    """Writes the generated files of protocol/vectors."""
    counts = {}
    for name, (make, expect_of) in GENERATED.items():
        note, cases = make()
        cases = [{**c, "expect": expect_of(c)} for c in cases]
        (Path(folder) / f"{name}.json").write_text(pretty({"version": 1, "note": note, "cases": cases}) + "\n")
        counts[f"{name}.json"] = len(cases)
    return counts


# ------------------------------------------------------------------------------------------------------- self-test

A, B = 10, 11  # replica ids, each of another device

class Bench:
    """For the self-test: two devices on a roster, and stores they write into and exchange without a network."""

    def __init__(self):
        self.keys = [private(bytes([n]) * 32) for n in (1, 2, 3)]
        self.scope, self.record = bytes(range(16)), bytes(range(16, 32))
        self.random, self.at = random.Random(1), 1000

    def roster(self, version, until=0, **more):
        return pb.Roster(version=version, root=public(self.keys[2]), service=public(self.keys[2]),
                         scopes=[pb.RosterScope(id=self.scope, name="s")], people=[pb.RosterPerson(id="p")],
                         devices=[pb.RosterDevice(key=public(k), person="p", grants=[
                             pb.Grant(**{"scope": self.scope, "from": 1, "until": until})]) for k in self.keys[:2]], **more)

    def withdrawn(self, version, journal, position, hash):
        cut = pb.Withdrawal(scope=self.scope, journal=journal, position=position, hash=hash)
        return self.roster(version, withdrawals=[cut])

    def store(self):
        return Store(self.scope)

    def write(self, store, replica, *writes, skeleton=None, values=None, **over):
        """One entry, the birth first if there is none. A write: (kind, field, value or None, *dots named)."""
        journal = next((j for j in store.journals if store.forks.replica(j) == replica and j not in store.forks.ends), replica)
        if store.top(journal) == 0:
            birth = pb.Birth(device_key=public(self.keys[replica % 2]))
            self.entry(store, journal, pb.Skeleton(birth=birth).SerializeToString(), [])
        edits = [e for entry in store.order for _, e in edits_of(entry, store.journal_of[entry.hash], store.forks)]
        vector = fold(edits).vector if edits else {}
        edit = pb.Edit(record=self.record, type="talk", context=context_message(vector), writes=[
            pb.Write(kind=KIND_NAMES.index(kind), field=field, names=[name_message(vector, dot) for dot in named])
            for kind, field, _, *named in writes])
        return self.entry(store, journal, skeleton or pb.Skeleton(change=pb.Change(edits=[edit])).SerializeToString(),
                          [text(w[2]) for w in writes if w[2] is not None] if values is None else values, **over)

    def put(self, store, replica, field, value, *named, **over):
        return self.write(store, replica, ("put", field, value, *named), **over)

    def entry(self, store, journal, skeleton, values, signed=True, roster=1):
        self.at += 10
        seed, replica = self.random.randbytes(16) if values else b"", store.forks.replica(journal)
        entry = build_entry(self.scope, replica, store.top(journal) + 1, store.hash_at(journal, store.top(journal)), self.at,
                            UNMEASURED if self.at % 20 else -5, roster, skeleton, seed, parts_from(seed, values))
        entry.signature = sign(self.keys[replica % 2], "head", entry.hash) if signed else b""
        store.append(journal, entry)
        return entry

    def meet(self, source, target, held=None):
        """The target after it took in what the source has and it lacks, with the probes a client would make."""
        theirs = target.heads()
        known, differ = source.held_by(theirs)
        for j, p in differ.items():
            first = next(q for q in range(1, p + 1) if source.hash_at(j, q) != target.hash_at(j, q))
            known[source.forks.owner(j, first)] = first - 1
        for message in stream(b"".join(map(delimited, source.messages_for(theirs, known if held is None else held)[0]))):
            if message.WhichOneof("kind") == "proof":
                target = target.trial()
                target.take_proof(message.proof)
            else:
                target, bad, _ = target.take_frame(message.frame.plain)
                assert not bad, bad
        return target

    def kinds(self, source, target):
        """What would be sent."""
        held, _ = source.held_by(target.heads())
        return [m.WhichOneof("kind") for m in source.messages_for(target.heads(), held)[0]]

    def codes(self, store, tail):
        """Why the store would refuse journals of this tail."""
        return {p.code for p in store.take_frame(tail.SerializeToString())[1]}

    def digest(self, store, roster=None):
        return scope_digest(self.scope, {r: fold(es) for r, es in records_of(store, roster or self.roster(1)).items()})

def refused(code, call, *arguments, **named):
    """Calls; it must be refused with the code (None: not at all)."""
    got = detail = None
    try:
        call(*arguments, **named)
    except Problem as problem:
        got, detail = problem.code, problem.detail
    assert got == code, (got, detail, code)

def changed(message, change):
    copied = type(message).FromString(message.SerializeToString())
    change(copied)
    return copied

def test_entries():
    """Pages 2 and 4: round trip through the wire, erased values, and what must be refused."""
    bench = Bench()
    a = bench.store()
    bench.put(a, A, "title", "one")
    bench.write(a, A, ("put", "title", "two", (A, 2)), ("add", "tags", "x"), ("add", "tags", "y"), signed=False)
    bench.write(a, B, ("put", "title", "three", (A, 3)), ("drop", "tags", None, (A, 3, 1)), signed=False)
    bench.put(a, A, "other", "four")
    bench.write(a, B, ("delete", "", None))
    b = bench.meet(Store.from_json(json.loads(json.dumps(a.to_json()))), bench.store())
    assert b.heads() == a.heads() and bench.digest(a) == bench.digest(b)
    edits = records_of(a, bench.roster(1))[bench.record]
    assert len({state_bytes(bench.record, fold(order)) for order in itertools.permutations(edits)}) == 1
    assert bench.meet(a, b, held={}).heads() == a.heads(), "all skipped"
    assert a.tail(a.order[2:3]).runs[0].previous and not a.tail(a.order[2:3], {A: (2, a.at(A, 2).hash)}).runs[0].previous
    erased = Store.from_json(a.to_json())
    part = erased.at(A, 3).parts[1]
    part.salt = part.value = ERASED
    erased.at(A, 3).seed = b""
    c = bench.meet(erased, bench.store())
    assert c.heads() == a.heads() and bench.digest(c) == bench.digest(a) and c.at(A, 3).parts[1].value is ERASED
    tail = a.tail(a.order)
    for run in tail.runs:
        run.previous = b""  # as all runs that follow one sent before may leave it out
    assert not bench.codes(bench.store(), tail) and not bench.codes(bench.store(), changed(
        tail, lambda t: setattr(t.runs[1], "version", 1)))
    for code, change in [
            ("signature-invalid", lambda r: r[0].entries[0].MergeFrom(pb.Entry(time=1))),
            ("signature-invalid", lambda r: setattr(r[-1], "signature", b"")),
            ("signature-invalid", lambda r: r[-1].cover.append(a.at(A, 2).header)),
            ("malformed", lambda r: r[1].entries[0].values.append(b"")),
            ("malformed", lambda r: r[1].entries[0].values.__setitem__(0, b"\xff")),
            ("malformed", lambda r: r[1].entries[0].parts.append(pb.Part(erased=ZERO))),
            ("gap", lambda r: setattr(r[1], "start", 5)), ("does-not-link", lambda r: setattr(r[1], "previous", b"1" * 32)),
            ("clock-backwards", lambda r: setattr(r[1], "time", -9)),
            ("roster-backwards", lambda r: setattr(r[1], "roster", 0)),
            ("unproven-branch", lambda r: setattr(r[1], "replica", 12)),
            ("unsupported-version", lambda r: setattr(r[1], "version", 2))]:
        assert bench.codes(bench.store(), changed(tail, lambda t: change(t.runs))) == {code, "unseen-context"}, code
    lone, bad, _ = bench.store().take_frame(a.tail([e for e in a.order if e.replica == B]).SerializeToString())
    assert [p.code for p in bad] == ["unseen-context"] and not lone.order and lone.quarantine
    flood = bench.store()
    bench.write(flood, A, ("restore", "", None))
    for n in range(UNSIGNED + 1):
        bench.entry(flood, A, flood.at(A, 2).skeleton, [], signed=n == UNSIGNED)
    assert bench.codes(bench.store(), flood.tail(flood.order)) == {"too-large"}

    edit = lambda *writes, **more: pb.Edit(**{"record": bench.record, "type": "t", "writes": writes, **more})
    put, delete, restore = lambda **w: pb.Write(**{"field": "f", **w}), pb.Write(kind=6), pb.Write(kind=7)
    context = lambda *components: pb.Context(replicas=[j for j, _ in components], positions=[p for _, p in components])
    reasoned, deep, x = edit(put(reason=True)), pb.Value(text="x"), text("x")
    for _ in range(17):
        shallower, deep = deep, pb.Value(list=pb.ValueList(values=[deep]))
    for code, edits, values in [
            (None, [edit(put())], [x]), (None, [edit(restore, put())], [x]),
            (None, [edit(put(), context=context((A, 4)))], [x]),
            (None, [edit(put())], [shallower.SerializeToString()]), (None, [reasoned], [x, bytes.fromhex("0a810035")]),
            *(("malformed", edits, [x] * count) for count, *edits in [
                (0,), (2, edit(put()), edit(put())), (0, edit()), (1, edit(put(kind=9))), (1, edit(put(kind=-1))),
                (2, edit(put())), (1, edit(put(kind=1))), (0, edit(put(kind=6))), (1, edit(put(names=[pb.Name()]))),
                (2, edit(put(), put())), (1, edit(put(), record=b"x")), (1, edit(put(), type="")),
                (1, edit(put(), type="é" * 33)), (1, edit(put(field="é" * 33))), (1, edit(delete, put())),
                (0, edit(delete, restore)), (1025, *(edit(put(), record=u(128, n)) for n in range(1025))),
                (1, edit(put(), context=context(*((n, 1) for n in range(1, 1026))))),
                (1, edit(put(), context=context((B, 2), (A, 2)))), (1, edit(put(), context=context((A, 0))))]),
            ("malformed", [reasoned], [x, b""]), ("malformed", [reasoned], [x, bytes.fromhex("1002")]),
            ("malformed", [edit(put())], [deep.SerializeToString()]), ("too-large", [edit(put())], [text("x" * MIB)]),
            ("too-large", [edit(*(put(field=str(n)) for n in range(4097)))], [x] * 4097),
            ("unseen-context", [edit(put(), context=context((99, 1)))], [x]),
            ("unseen-context", [edit(put(), context=context((A, 5)))], [x])]:
        skeleton = pb.Skeleton(change=pb.Change(edits=edits)).SerializeToString()
        refused(code, bench.write, a.trial(), A, skeleton=skeleton, values=values)

def test_forks():
    """Page 4, Forks: two continuations, a third, and one that forks further back, meet in every order."""
    bench = Bench()
    a = bench.store()
    for n in range(4):
        bench.put(a, A, f"f{n}", f"v{n}")
    early, _, _ = bench.store().take_frame(a.tail(a.order[:3]).SerializeToString())  # a backup from before
    stores = [*(a.trial() for _ in range(3)), early]                                 # and three copies of the disk
    for n, store in enumerate(stores):
        for m in range(2):  # a commit of two entries: only the second is signed
            bench.put(store, A, f"g{m}", f"copy {n}", signed=m == 1)
    bench.write(stores[0], B, ("put", "f0", "seen by another", (A, 2)), ("put", "g1", "seen beyond", (A, 7)))
    rand = random.Random(7)
    for _ in range(12):
        group = [s.trial() for s in stores]
        rand.shuffle(group)
        turns = [*(rand.sample(range(4), 2) for _ in range(4)), *((t % 4, (t + 1) % 4) for t in range(8))]
        for x, y in [*turns, *itertools.permutations(range(4), 2)]:
            group[y] = bench.meet(group[x], group[y])
        fresh = bench.meet(group[0], bench.store())
        assert len({s.knowledge_digest() for s in (fresh, *group)}) == 1
        assert len({bench.digest(s) for s in (fresh, Store.from_json(fresh.to_json()), *group)}) == 1
        assert fresh.forks.ends[A] == 4 and len(fresh.forks.origin) == 5
    one, two = stores[:2]
    proof = next(iter(fresh.proofs.values()))
    refused("proof-invalid", bench.store().take_proof, proof)  # what stands before the fork is not held
    refused("proof-invalid", fresh.trial().take_proof, changed(proof, lambda p: setattr(p.branches[0], "signature", bytes(64))))
    run = two.tail(two.order[-2:]).runs[0]
    run.journal, run.replica = branch_id(A, two.order[-2].hash), A
    assert bench.codes(one, pb.Tail(runs=[run])) == {"unproven-branch"}

def test_proofs():
    """Page 4, Forks: when proofs are sent, covers, and contexts checked as read."""
    bench = Bench()
    base = bench.store()
    bench.put(base, A, "f", "v")
    bench.put(base, B, "f", "w")
    one, two = base.trial(), base.trial()
    bench.put(one, B, "h", "first of a commit", signed=False)  # a commit of two, the fork in between
    bench.put(one, A, "g", "one", signed=False)
    bench.put(one, B, "h2", "second of it")
    bench.put(one, A, "g", "more", (A, 3))
    bench.put(two, A, "g", "two")
    both = bench.meet(one, two)
    assert both.forks.ends == {A: 3} and len(both.proofs) == 1 and not both.quarantine
    assert bench.kinds(both, bench.store()) == ["frame", "proof", "frame"] and bench.kinds(both, both) == []
    assert bench.kinds(both, one) == bench.kinds(both, two) == ["proof", "frame"]
    half, proof = one.trial(), next(iter(both.proofs.values()))
    half.take_proof(proof)  # knows of the fork and holds one branch
    assert bench.kinds(half, one) == bench.kinds(half, half) == ["proof"] and bench.kinds(half, both) == []
    for target in (one, two, bench.store()):
        assert bench.meet(both, target).knowledge_digest() == both.knowledge_digest()
    # An edit that had seen the undivided journal beyond the fork, for a receiver that knows the fork and holds no branch.
    bench.put(one, B, "g", "seen", (A, 4))
    none = base.trial()
    none.take_proof(proof)
    later = [e for e in one.order if e.replica == B and e.position > 2]
    taken, bad, count = none.take_frame(one.tail(later).SerializeToString())
    assert count == 3 and not bad and taken.contexts(B, later[-1]) == [(A, 2), (B, 4)]
    assert bench.codes(base, one.tail(later)) == {"unseen-context"}
    # A dishonest author: what the branches have in common is not signed there, so it travels with a cover.
    base = bench.store()
    bench.put(base, A, "f", "v")
    bench.put(base, A, "f", "common, unsigned", (A, 2), signed=False)
    one, two, third = base.trial(), base.trial(), base.trial()
    for store in (one, two):
        bench.put(store, A, "g", "v", signed=False)
        bench.put(store, A, "h", "v")
    both = bench.meet(two, bench.meet(one, bench.store()))
    fresh = Store.from_json(bench.meet(both, bench.store()).to_json())
    assert fresh.at(A, 3).cover and bench.kinds(fresh, bench.store()) == ["frame", "proof", "frame"]
    assert bench.meet(fresh, bench.store()).knowledge_digest() == fresh.knowledge_digest() == both.knowledge_digest()
    tail = fresh.tail([e for e in fresh.order if fresh.journal_of[e.hash] == A])
    assert not bench.codes(bench.store(), tail)
    for change in (lambda r: r.ClearField("cover"), lambda r: r.cover.pop(), lambda r: r.cover.reverse(),
                   lambda r: setattr(r, "signature", ZERO)):
        assert bench.codes(bench.store(), changed(tail, lambda t: change(t.runs[-1]))) == {"signature-invalid"}
    # A third continuation that comes in two runs, of which only the second is signed, between them another journal's.
    bench.put(third, A, "g", "3", signed=False)
    bench.put(third, B, "f", "w")
    bench.put(third, A, "h", "3")
    assert len(bench.meet(third, both).forks.origin) == 3
    # The third alone is held, as the undivided journal: the proof that comes renames it.
    assert len(bench.meet(both, bench.meet(third, bench.store())).forks.origin) == 3

def test_access():
    """Page 5: counting, succession, join codes, sign-in and request signatures."""
    bench = Bench()
    a = bench.store()
    bench.put(a, A, "f", "one")
    bench.put(a, A, "f", "two", (A, 2), roster=2)
    one, two = a.trial(), a.trial()
    for store in (one, two):
        for _ in range(3):
            bench.put(store, A, "g", "v", roster=2)
    both = bench.meet(two, one)
    b1, b2 = (branch_id(A, s.at(A, 4).hash) for s in (one, two))
    for store, roster, expected in [
            (a, bench.roster(1), {A: 2}), (a, bench.roster(2), {A: 3}), (a, bench.roster(2, until=2), {A: 2}),
            (a, bench.withdrawn(3, A, 2, ZERO), {A: 2}), (both, bench.withdrawn(3, A, 2, ZERO), {A: 2, b1: 3, b2: 3}),
            (both, bench.withdrawn(3, A, 5, one.at(A, 5).hash), {A: 3, b1: 5, b2: 3}),
            (both, bench.withdrawn(3, b1, 5, one.at(A, 5).hash), {A: 3, b1: 5, b2: 6}),
            (both, bench.withdrawn(3, b1, 3, a.at(A, 3).hash), {A: 3, b1: 3, b2: 6}),
            (both, bench.withdrawn(3, A, 7, ZERO), {A: 3, b1: 6, b2: 6})]:
        assert counting(store, roster) == expected, roster
    for code, old, new in [
            (None, bench.roster(1), bench.withdrawn(3, A, 2, ZERO)), (None, bench.roster(1), bench.roster(2, until=2)),
            *(("roster-not-successor", old, new) for old, new in [
                (bench.roster(2), bench.roster(3, until=2)), (bench.roster(2, until=2), bench.roster(3)),
                (bench.withdrawn(3, A, 2, ZERO), bench.roster(4)), (bench.roster(2), bench.roster(2)),
                (bench.roster(1), changed(bench.roster(2), lambda r: setattr(r.devices[0], "person", "q")))])]:
        refused(code, check_successor, old, new)
    root = public(bench.keys[2])
    code = "OIL0-abcd-efgh" + "".join(f"-{fingerprint(root)[i:i + 4]}" for i in (0, 4, 8))
    assert read_join_code(code.upper()) == ("0110abcdefgh", fingerprint(root))
    request, key = join_request("0110abcdefgh", bytes(16), root, "é"), hashlib.sha256(b"\x1f0110abcdefgh").digest()
    assert request.lookup == hashlib.sha256(b"\x20" + key).digest()[:16]
    assert request.proof == hmac.digest(key, bytes(16) + root + "é".encode(), "sha256")
    one, two = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    assert len({session_key(x.exchange(y.public_key()), bytes(16), root, root) for x, y in ((one, two), (two, one))}) == 1
    base = signed_headers("/v1/hello", "content-digest", b"", 7, "ab" * 16, *SESSION, lambda base: b"")[0]
    assert base.decode().split("\n") == [
        '"@method": POST', '"@path": /v1/hello',
        '"content-digest": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
        f'"@signature-params": ("@method" "@path" "content-digest");nonce="7";keyid="{"ab" * 16}";'
        'alg="hmac-sha256";tag="dundian-session"']

def test_review():
    """Page 9, what the vectors leave out: who works on an item, which records are one, chains too long for a stack."""
    one, two, three, scope, item = (bytes([n]) * 16 for n in range(1, 6))

    def record(journal, type_, at, author, **values):
        writes = [Write("put", key, [], text(v) if isinstance(v, str) else value_bytes(v)) for key, v in values.items()]
        return fold([Edit((journal, 2), type_, {}, writes, at, author)])

    def same(a, b, verdict):
        return pair_record(scope, a, b), record(1, "same_as", 0, None, first={"reference": min(a, b).hex()},
                                                second={"reference": max(a, b).hex()}, verdict=verdict)

    notes = [("bob", 2, "claim", {}), ("ann", 1, "claim", {"until": {"time": "1970-01-01T08:01+08:00"}}), ("cat", 3, "claim", {}),
             ("cat", 4, "release", {}), ("bob", 1, "release", {}), (None, 0, "claim", {}), ("dan", 0, "comment", {}),
             ("cat", 6, "claim", {})]
    states = {bytes([9, n]): record(n + 1, "review_note", at, who, item=item.hex(), kind=kind, **more)
              for n, (who, at, kind, more) in enumerate(notes)}
    states.update([same(one, two, "same"), same(three, two, "same"), same(one, item, "different")])
    review = Review(scope, states, {})
    assert review.joined() == {two: one, three: one} and review.claimant(one, 0) is None
    assert [review.claimant(item, now) for now in (0, 59999, 60000)] == ["ann", "ann", "bob"]
    del states[bytes([9, 0])]
    assert [Review(scope, states, {}).claimant(item, now) for now in (0, 60000)] == ["ann", "cat"]
    writes = [Write("put", "f", [], b""), Write("settle", "f", [(1, 2)], b"")]
    writes += [Write("put" if n < 300 else "settle", "f", [(1, n)], b"") for n in range(3, 1500)]
    edits = [Edit((1, n), "t", {1: n - 1}, [w], n, "ann") for n, w in enumerate(writes, 2)]
    field = Record(scope, one, fold(edits[:200]), {"fields": {"f": {"rule": "review", "second_person": True}}}).fields["f"]
    assert field.needing((1, 201)) == {(1, 3)} and field.unapproved and not field.all_decisions
    field = Record(scope, one, fold(edits)).fields["f"]
    assert field.dots == [(1, 1500)] and field.question(field.dots) == [(1, 300)] and field.writers((1, 1500)) == {"ann"}

def self_test():
    tests = [test_entries, test_forks, test_proofs, test_access, test_review]
    for test in tests:
        test()
    return {test.__name__.removeprefix("test_"): "passed" for test in tests}


# -------------------------------------------------------------------------------------------------------- commands

def do_join(home, a):
    """Page 5, To join."""
    home.key = Ed25519PrivateKey.generate()
    home.state = {"url": a.url, "key": home.key.private_bytes_raw().hex(), "device": a.device}
    secret, last = read_join_code(a.code)
    _, data = home.device_request("/v1/join", lambda nonce: join_request(secret, nonce, public(home.key), a.device))
    signed = decode(pb.JoinAnswer, data, "bad-request").roster
    roster = open_roster(signed)
    need(fingerprint(roster.root) == last, "join-code-wrong", "this is not the service the code is for")
    need(device_of(roster, public(home.key)), "device-unknown", "the roster does not list this device")
    home.state["root"] = roster.root.hex()
    home.set_roster(signed)
    home.save()
    return {"device": public(home.key).hex(), "root": roster.root.hex(), "roster": roster.version,
            "scopes": sorted(home.scopes())}

def do_digest(home, a):
    scopes = home.scopes()
    need(a.scope in (None, *scopes), "scope-not-granted", a.scope)
    states = {name: home.states(scope) for name, scope in scopes.items() if a.scope in (None, name)}
    return {name: {"digest": scope_digest(scopes[name], s).hex(), "records": len(s)} for name, s in states.items()}

def do_show(home, a):
    record = bytes.fromhex(a.record)
    scope, state = home.find(record)
    seen = Record(scope, record, state, review_types().get(state.type))
    return {"record": a.record, "type": state.type, "deleted": bool(state.standing),
            "digest": record_digest(record, state).hex(), "fields": shown(seen),
            "provisional_texts": provisional_texts(seen), "items": [*map(item_json, seen.items())],
            "notices": [*map(notice_json, seen.notices())]}

def do_list(home, a):
    listed = []
    of_type = review_types().get(a.type, {})
    for name, scope in home.scopes().items():
        for id, state in sorted(home.states(scope).items()):
            if state.type == a.type:
                record = Record(scope, id, state, of_type)
                look = [record.field(k).shown() for k in of_type.get("title", [])]
                listed.append({"record": id.hex(), "scope": name, "deleted": bool(state.standing),
                               "title": [s.get("value", s["state"]) for s in look]})
    return listed

def do_review(home, a):
    """Page 9: what is asked and what is told in every scope, who works on it, and which records are one."""
    scopes, now = home.scopes(), time.time_ns() // 10**6
    reviews = {name: Review(scope, home.states(scope), review_types()) for name, scope in scopes.items()}
    return {name: {"items": [{**item_json(i), "claimed_by": review.claimant(i.id, now)} for i in review.items()],
                   "notices": [*map(notice_json, review.notices())],
                   "joined": {id.hex(): first.hex() for id, first in review.joined().items()}}
            for name, review in reviews.items()}

def do_edit(home, a):
    record = bytes.fromhex(a.record)
    scope, state = home.find(record)
    return home.write(scope, record, state, a.fields, a.reason, [k for k in ("delete", "restore") if getattr(a, k)])

def do_create(home, a):
    need(a.scope in home.scopes(), "scope-not-granted", a.scope)
    return home.write(home.scopes()[a.scope], secrets.token_bytes(16), State(a.type, {}, {}, [], [], [], []), a.fields)

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
    command("pull", lambda home, a: home.sync(own=False), "take in what the service has")
    command("push", lambda home, a: home.sync(own=True), "the same, and send own entries")
    command("digest", do_digest, "the scope digests", scope)
    command("show", do_show, "a record as a reader is shown it", ("record",))
    command("list", do_list, "the records of a type", ("--type", needed))
    command("review", do_review, "what is asked of people, and what rules did by themselves")
    command("edit", do_edit, "edit a record", ("record",), fields, ("--reason", {}), ("--delete", flag), ("--restore", flag))
    command("create", do_create, "make a record", ("--scope", needed), ("--type", needed), fields)
    command("vectors", lambda a: run_vectors(a.folder, a.fill), "run the test vectors", ("folder",), ("--fill", flag),
            home=False)
    command("make-vectors", lambda a: make_vectors(a.folder), "write the generated test vectors", ("folder",), home=False)
    command("self-test", lambda a: self_test(), "test this program against itself", home=False)
    arguments = parser.parse_args()
    try:
        home = [Home(arguments.home, new=arguments.action is do_join)] if "home" in arguments else []
        result = arguments.action(*home, arguments)
    except (Problem, ValueError, OSError) as error:
        problem = error if isinstance(error, Problem) else Problem("bad-request", str(error))
        sys.exit(json.dumps(problem.told(), ensure_ascii=False))
    result, good = result if isinstance(result, tuple) else (result, True)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(0 if good else 1)

if __name__ == "__main__":
    main()
