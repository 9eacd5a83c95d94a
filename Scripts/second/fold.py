"""Page 3 of the protocol: from the set of a record's counting edits to its state, the bytes and digests of that, and the rules.

What of it a reader is shown, and the review items, are in review.py: page 9 has a say in both.
"""
import dataclasses, re

from definitions import ERASED, H, dot_bytes, has, len16, plain, text, u
from text_merge import is_open, merge_texts, merged_text  # page 8


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
    when: int                      # corrected time
    author: str | None = None      # page 9: the person, if the roster knows one

    def any(self, *kinds):
        return any(w.kind in kinds for w in self.writes)

    def order(self):
        return (self.when, *self.dot)

def writes_of(edits, field, *kinds):
    return [(e, w) for e in edits for w in e.writes if w.field == field and w.kind in kinds]

def named_by(writes, dot):
    """Page 3: the dots of those of the writes (edit, write) that name the dot and whose edit's context has it."""
    return [e.dot for e, w in writes if has(e.context, dot) and any(n[:2] == dot for n in w.names)]

def ending(edits):
    """Page 3: the edits in force with a delete or a restore: those that no undo of the record names."""
    undos = writes_of(edits, "", "undo")
    return [e for e in edits if e.any("delete", "restore") and not named_by([u for u in undos if u[0] is not e], e.dot)]

def standing_deletes(edits):
    """Page 3: the deletes in force no other delete or restore in force had seen."""
    enders = ending(edits)
    return [e for e in enders if e.any("delete") and not any(o is not e and has(o.context, e.dot) for o in enders)]

def written_between(edits, e, standing):
    """Page 3: the author had seen one of the standing deletes ended."""
    then = standing_deletes([o for o in edits if has(e.context, o.dot)])
    return any(has(e.context, d.dot) and d not in then for d in standing)

@dataclasses.dataclass
class State:
    type: str
    vector: dict
    fields: dict     # key: (candidates [(edit, write, approvals)], elements [(edit, ordinal, write)]), both ascending
    standing: list
    unseen: list
    late: list
    edits: list      # what it was folded from, ascending by dot

def fold(edits):
    """Page 3: the state of a record from the set of its counting edits."""
    edits = sorted(edits, key=lambda e: e.dot)
    vector, fields = {e.dot[0]: e.dot[1] for e in edits}, {}
    for key in sorted({w.field for e in edits for w in e.writes if w.field}, key=str.encode):
        undos, drops, approves = (writes_of(edits, key, kind) for kind in ("undo", "drop", "approve"))
        force = [(e, w) for e, w in writes_of(edits, key, "put", "settle") if w.kind == "put" or not named_by(undos, e.dot)]
        candidates = [(e, w, sorted(set(named_by(approves, e.dot))) if w.kind == "settle" else []) for e, w in force
                      if not named_by([x for x in force if x[1] is not w], e.dot)]
        elements = [(e, i, w) for e in edits for i, (_, w) in enumerate(writes_of([e], key, "add"))
                    if not any((*e.dot, i) in d.names and has(o.context, e.dot) for o, d in drops)]
        if candidates or elements:
            fields[key] = candidates, elements
    standing = standing_deletes(edits)
    unseen = [e for e in edits if any(w.kind != "delete" for w in e.writes) and any(
        d is not e and not has(d.context, e.dot) and not has(e.context, d.dot) for d in standing)
        or e.any("put", "settle", "add") and written_between(edits, e, standing)]
    late = [e for e in edits if e.any("put", "settle", "add") and not e.any("restore")
            and standing_deletes([o for o in edits if has(e.context, o.dot)])
            and not any(o is not e and has(o.context, e.dot) for o in ending(edits))]
    first = min([e for e in edits if not e.context] or edits, key=lambda e: e.dot)
    return State(first.type, vector, fields, *([e.dot for e in es] for es in (standing, unseen, late)), edits)

def dots_bytes(dots):
    return u(32, len(dots)) + b"".join(map(dot_bytes, dots))

def state_bytes(record, state):
    """Page 3: the record state's bytes."""
    out = [record, len16(state.type.encode()), dots_bytes(sorted(state.vector.items())), u(32, len(state.fields))]
    for key, (candidates, elements) in state.fields.items():
        out += [len16(key.encode()), u(32, len(candidates))]
        for e, w, approvals in candidates:
            out += [dot_bytes(e.dot), u(8, int(w.kind == "settle")), dots_bytes(approvals)]
        out += [u(32, len(elements)), *(dot_bytes(e.dot) + u(32, i) for e, i, _ in elements)]
    return b"".join(out + [dots_bytes(d) for d in (state.standing, state.unseen, state.late)])

def record_digest(record, state):
    return H(0x15, state_bytes(record, state))

def scope_digest(scope, states):
    """Page 3: over {record id: State}."""
    return H(0x16, scope + u(64, len(states)) + b"".join(record_digest(r, s) for r, s in sorted(states.items())))

REVIEW = {"rule": "review"}  # the rule of an unknown field

def text_of(value):
    """The text of a value, or None."""
    message = plain(value) if value else None
    return message.text if message and message.WhichOneof("kind") == "text" else None

def equal_values(values):
    return ERASED not in values and len(set(values)) <= 1

DEEPEST_BASE = 16

def base_of(edits, key, candidates, depth=1):
    """Page 8, What is merged: what the field was in the common past of its candidates (edit, write), as (value,); None if it was nothing, or clashed."""
    if depth > DEEPEST_BASE:
        return None
    past = [e for e in edits if all(has(c.context, e.dot) for c, _ in candidates)]
    there, _ = fold(past).fields.get(key, ((), ())) if past else ((), ())
    if len(there) == 1:
        return (there[0][1].value,)
    if not there:
        return None
    named = [(e, w) for e, w, *_ in there]
    below = base_of(past, key, named, depth + 1)
    settled = settle_by_rule(past, key, named, {"rule": "text"}, below)
    if settled:
        return settled[:1]
    return (ERASED,) if below == (ERASED,) or any(w.value is ERASED for _, w in named) else None

def base_erased(edits, key, candidates):
    """Nobody can say any more whether these merge."""
    return base_of(edits, key, candidates) == (ERASED,)

def merge_of(edits, key, candidates, *base):
    """Page 8, What is merged: the spans of the merge of the candidates (edit, write), or None where they are not merged."""
    base = base[0] if base else base_of(edits, key, candidates)
    if base is None:
        return None
    texts = ["" if value == b"" else text_of(value) for value in (*base, *(w.value for _, w in candidates))]
    return merge_texts(texts[0], texts[1:]) if None not in texts else None

def held_open(candidates):
    """Page 3, Rules: the author of one of the candidates (edit, write) had seen another."""
    return any(a is not b and has(a.context, b.dot) for a, _ in candidates for b, _ in candidates)

def settle_by_rule(edits, key, candidates, rule, *base):
    """Page 3, Rules: what the candidates (edit, write) settle on, as (the value, the overridden dots); None if they do not."""
    values = [w.value for _, w in candidates]
    open_ = held_open(candidates)
    if len(values) == 1 or equal_values(values) and not open_:
        return values[0], []
    if rule["rule"] == "text":
        if open_:
            return None
        spans = merge_of(edits, key, candidates, *base)
        if spans is None or is_open(spans):
            return None
        merged = merged_text(spans)
        return b"" if not merged and b"" in values else text(merged), []
    ladder = rule.get("ladder", [])

    def rung(write):
        words = text_of(write.value)
        return ladder.index(words) if words in ladder else -1

    if rule["rule"] not in ("latest", "furthest"):
        return None
    best = max(candidates, key=lambda c: (rung(c[1]) if rule["rule"] == "furthest" else 0, c[0].order()))
    return best[1].value, sorted(e.dot for e, _ in candidates if e is not best[0])

def newest(candidates):
    """Page 3: the number of the candidate with the greatest corrected time, journal id and position."""
    return max(range(len(candidates)), key=lambda n: candidates[n][0].order())

def elements_shown(elements):
    """Page 3, Rules: the values of a set in display order."""
    ordered, seen = [], set()
    for e, i, w in sorted(elements, key=lambda x: (x[0].order(), x[1])):
        if w.value is ERASED or w.value not in seen:
            ordered.append(w.value)
            seen.add(w.value)
    return ordered

def claim_of(reason):
    """Page 3, kind 4: the (name, version) that the reason of a settle claims to have settled by, or None."""
    claim = re.fullmatch(r"rule:([^@]*)@([0-9]+)", text_of(reason) or "")
    return claim and claim.groups()

def unfounded(edits, edit, write, rule):
    """Pages 3 and 8, review item kind 4: the settle claims a rule that does not settle the values it names."""
    claim = claim_of(write.reason)
    named = [(e, w) for e, w in writes_of(edits, write.field, "put", "settle") if named_by([(edit, write)], e.dot)]
    if not claim or any(w.value is ERASED for _, w in named):
        return False
    if claim[0] not in ("equal", rule["rule"]) or claim[1] != "1":
        return True
    if not named or claim[0] == "text" and base_erased(edits, write.field, named):
        return False
    return settle_by_rule(edits, write.field, named, rule if claim[0] != "equal" else REVIEW) is None
