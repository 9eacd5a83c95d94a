"""Page 9 of the protocol: reasons, what waits for approval, the question, review items, likeness, verdicts, notices, claims.

Everything here is told of records as they are: nothing of it goes into a record's state.
"""
import dataclasses, datetime, functools, re

from definitions import ERASED, H, dot_to_json, dots_to_json, has, len16, plain, text, u, value_to_json
from fold import (REVIEW, claim_of, dots_bytes, elements_shown, equal_values, held_open, merge_of, newest, settle_by_rule, text_of, unfounded,
                  writes_of)
from text_merge import merged_text  # page 8

KIND_NUMBERS = {"contested": 1, "delete_against_edit": 2, "put_on_deleted": 3, "unfounded_settlement": 4, "unapproved": 5,
                "broken_check": 6, "looks_alike": 7, "overridden": 8, "merged_apart": 9, "past_seal": 10}


# ----------------------------------------------------------------------------------------------------------- reasons

@dataclasses.dataclass
class Reason:
    """What the reason of a settle says. A claim is (name, version); a decision has none."""
    claim: tuple | None = None
    code: str | None = None      # None: nobody gave one, or it was erased
    comment: str | None = None
    proposal: bool = False

def read_reason(reason):
    """Page 9, Reasons: from the reason's value, b"" if there is none."""
    words = text_of(reason)
    if words is None or claim_of(reason):
        return Reason(claim_of(reason))
    coded = re.fullmatch(r"(?:decision|proposal):([a-z_]{1,32})(?:\n(.*))?", words, re.S)
    code, comment = coded.groups() if coded else ("other", words)
    return Reason(None, code, comment, words.startswith("proposal:"))


# ---------------------------------------------------------------------------------------------- a field under review

class Field:
    """One field of a record: what a reader is shown of it, what of it waits for approval, and what the question is."""

    def __init__(self, state, key, field):
        self.edits, self.key, self.rule = state.edits, key, field
        candidates, self.elements = state.fields.get(key, ((), ()))
        self.candidates = [(e, w) for e, w, _ in candidates]
        self.dots = [e.dot for e, _ in self.candidates]
        self.at = {e.dot: (e, w) for e, w in writes_of(state.edits, key, "put", "settle")}
        self.approves, self.undos = (
            [(e, n[:2]) for e, w in writes_of(state.edits, key, kind) for n in w.names if has(e.context, n[:2])]
            for kind in ("approve", "undo"))
        self.settled = settle_by_rule(state.edits, key, self.candidates, field) if candidates else None
        self.differ = len(candidates) > 1 and not equal_values([w.value for _, w in self.candidates])
        self.by_equal = not self.differ and not held_open(self.candidates)
        self.unfounded = [e.dot for e, w in self.candidates if w.kind == "settle" and unfounded(self.edits, e, w, field)]

    def named(self, dot):
        """The puts and settles of the field that the write at the dot names and has in its context."""
        edit, write = self.at[dot]
        return {n[:2] for n in write.names if n[:2] in self.at and has(edit.context, n[:2])}

    def spread(self, dots, onward):
        """The dots, and all that `onward` leads to from them."""
        found, left = set(), list(dots)
        while left:
            dot = left.pop()
            if dot not in found:
                found.add(dot)
                left += onward(dot)
        return found

    def is_settle(self, dot):
        return self.at[dot][1].kind == "settle"

    def is_decision(self, dot):
        return self.is_settle(dot) and not claim_of(self.at[dot][1].reason)

    @functools.cached_property
    def all_decisions(self):
        return all(map(self.is_decision, self.dots))

    # --- page 9: Authors of a write, and approvals that count

    def writers(self, dot):
        return {self.at[d][0].author for d in self.spread([dot], lambda d: self.named(d) if self.is_settle(d) else ())}

    def is_approved(self, dot):
        return any(named == dot and e.author is not None and e.author not in self.writers(dot) for e, named in self.approves)

    # --- page 9: What waits for approval

    def waiting(self, dot):
        """The decisions that wait behind the write at the dot."""
        behind = self.spread([dot], lambda d: () if self.is_decision(d) else self.named(d))
        undone = {named for _, named in self.undos}
        return {d for d in behind if self.is_decision(d) and d not in undone and not self.is_approved(d)}

    def needing(self, dot):
        """Those of them that need approval."""
        return {d for d in self.waiting(dot)
                if self.rule.get("second_person") or read_reason(self.at[d][1].reason).proposal}

    @functools.cached_property
    def unapproved(self):
        enough = any if self.by_equal else all
        return self.settled is not None and not enough(not self.needing(d) for d in self.dots)

    # --- page 9: The question

    def question(self, dots):
        found, seen, left = set(), set(), [frozenset(dots)]
        while left:
            some = left.pop()
            if some in seen:
                continue
            seen.add(some)
            if not all(map(self.is_decision, some)):
                found |= some
                continue
            for dot in some:
                named = self.named(dot)
                left += [frozenset(named)] if named else []
                found |= set() if named else {dot}
        return sorted(found)

    # --- page 3, Rules, and page 9: what a reader is shown

    @functools.cached_property
    def contested(self):
        return bool(self.candidates) and (self.settled is None or self.unapproved or bool(self.unfounded))

    @functools.cached_property
    def provisional(self):
        """The dot of the provisional value: of what the rule gave, or else the newest."""
        given = [c for c in self.candidates if self.settled is None or c[0].dot not in self.settled[1]]
        return given[newest(given)][0].dot

    @functools.cached_property
    def provisional_text(self):
        """Page 8: what a contested field whose candidates are merged says; None if that is nothing."""
        if not self.contested or self.rule["rule"] != "text" or not self.differ:
            return None
        spans = merge_of(self.edits, self.key, self.candidates)
        return None if spans is None else merged_text(spans, newest(self.candidates))

    @functools.cached_property
    def value(self):
        """The value that is shown, a provisional one too: its bytes, or ERASED. Only of a field with a candidate."""
        if self.settled is not None:
            return self.settled[0]
        words = self.provisional_text
        return self.at[self.provisional][1].value if words is None else text(words)

    def shown(self):
        """As protocol/vectors/README.md writes it."""
        if self.contested:
            return {"state": "contested", "provisional": dot_to_json(self.provisional)}
        if self.candidates:
            return {"state": "settled", "value": value_to_json(self.settled[0]), "overridden": dots_to_json(self.settled[1])}
        ordered = elements_shown(self.elements)
        return {"state": "set", "value": [*map(value_to_json, ordered)]} if ordered else {"state": "empty"}


# -------------------------------------------------------------------------------------------------- a record's items

@dataclasses.dataclass(frozen=True)
class Item:
    """A review item or, from kind 8 on, a notice."""
    scope: bytes
    record: bytes
    kind: str
    field: str = ""
    dots: tuple = ()
    more: tuple = ()
    other: bytes = b""
    proposed: bool = False

    @functools.cached_property
    def id(self):
        return H(0x19, self.scope + self.record + u(8, KIND_NUMBERS[self.kind]) + len16(self.field.encode()) + dots_bytes(self.dots)
                 + dots_bytes(self.more) + self.other)[:16]

    def order(self):
        return (KIND_NUMBERS[self.kind], self.field.encode(), self.dots)

    def told(self):
        return {"kind": self.kind, "field": self.field, "dots": dots_to_json(self.dots), "more": dots_to_json(self.more),
                "id": self.id.hex()}

class Record:
    """A record with its type of the catalogue, {"fields": {key: field}, "checks", "natural_key"}."""

    def __init__(self, scope, id, state, type_=None):
        self.scope, self.id, self.state, self.type = scope, id, state, type_ or {}
        self.rules = self.type.get("fields", {})
        self.fields = {key: self.field(key) for key in state.fields}

    def field(self, key):
        return Field(self.state, key, self.rules.get(key, REVIEW))

    def value(self, key):
        """The value that the field shows, a provisional one too: its bytes, or ERASED where there is none."""
        field = self.fields.get(key)
        return field.value if field and field.candidates else ERASED

    def item(self, kind, field="", dots=(), more=(), **rest):
        return Item(self.scope, self.id, kind, field, tuple(dots), tuple(more), **rest)

    def items(self):
        """Pages 3 and 9: the review items of kinds 1 to 6, by kind, field and dots."""
        found = []
        for key, field in self.fields.items():
            if field.candidates and (field.settled is None or field.unapproved):
                asked = field.settled is None or field.all_decisions
                found.append(self.item("contested", key, field.question(field.dots), proposed=field.all_decisions) if asked
                             else self.item("unapproved", key, field.dots))
            found += [self.item("unfounded_settlement", key, [dot]) for dot in field.unfounded]
        if self.state.standing and self.state.unseen:
            found.append(self.item("delete_against_edit", "", self.state.standing, self.state.unseen))
        if self.state.late:
            found.append(self.item("put_on_deleted", "", self.state.late))
        return sorted(found + self.broken_checks() + self.past_seal(), key=Item.order)

    def broken_checks(self):
        """Page 9, Broken checks."""
        found = []
        for check in self.type.get("checks", ()) if not self.state.standing else ():
            fields = [self.fields[key] for key in check["fields"] if key in self.fields]
            dots = sorted({dot for field in fields for dot in field.dots})
            if len(dots) > 1 and is_broken(check, *map(self.value, check["fields"])):
                found.append(self.item("broken_check", check["key"], dots))
        return found

    def past_seal(self):
        """Page 9, Past a seal: what stands and no author of a seal had seen."""
        sealing = self.type.get("sealed_when")
        key = sealing and sealing["field"]
        if not sealing or self.state.standing or text_of(self.value(key)) not in sealing["values"]:
            return []
        field = self.fields[key]
        seals = [dot for dot in field.dots if text_of(field.at[dot][1].value) in sealing["values"]]
        seen = lambda dot: any(dot[0] == seal[0] and dot[1] <= seal[1] or has(field.at[seal][0].context, dot) for seal in seals)
        standing = {dot for other, of in self.fields.items() if other != key for dot in [*of.dots, *(e.dot for e, _, _ in of.elements)]}
        drops = [(edit.dot, {tuple(name) for write in edit.writes if write.kind == "drop" for name in write.names})
                 for edit in self.state.edits]
        known = {name for dot, names in drops if seen(dot) for name in names}
        standing |= {dot for dot, names in drops if any(seen(name[:2]) for name in names - known)}
        unseen = sorted(dot for dot in standing if not seen(dot))
        return [self.item("past_seal", key, sorted(seals), unseen)] if unseen else []

    def notices(self):
        """Page 9, Notices."""
        return [self.item("merged_apart" if f.rule["rule"] == "text" else "overridden", key, f.dots)
                for key, f in self.fields.items() if f.settled is not None and len(f.candidates) > 1 and not f.by_equal]

    @functools.cached_property
    def likeness(self):
        """Page 9, Looks like one thing: of a record whose type has a natural key; None if there is none."""
        parts = [likeness_bytes(self.value(key)) for key in self.type["natural_key"]]
        if self.state.standing or None in parts:
            return None
        return H(0x28, len16(self.state.type.encode()) + b"".join(u(32, len(p)) + p for p in parts))[:16]

def is_broken(check, a, b):
    """Page 9, Broken checks: whether the two values shown break the check."""
    if check["kind"] == "requires":
        return text_of(a) == check["value"] and b == b""
    if check["kind"] != "not_before":
        return False
    (kind, first), (other, second) = dated(a), dated(b)
    return kind == other and kind is not None and second < first

def dated(value):
    """The kind of a date or time with what it compares as; no kind of any other value."""
    message = plain(value) if value else None
    kind = message and message.WhichOneof("kind")
    if kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", message.date, re.A):
        return kind, message.date
    if kind == "time" and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d", message.time, re.A):
        try:
            moment = datetime.datetime.fromisoformat(message.time[:16])
        except ValueError:
            return None, None
        hours, minutes = message.time[-5:].split(":")
        ahead = datetime.timedelta(hours=int(hours), minutes=int(minutes))
        return kind, moment - datetime.datetime(1970, 1, 1) - (ahead if message.time[16] == "+" else -ahead)
    return None, None

# U+FF01 to U+FF5E to U+0021 to U+007E, A to Z to a to z; the scalars with the property White_Space left out.
LIKE = {0xFF01 + n: chr(0x21 + n).lower() for n in range(0x5E)} | {c: chr(c).lower() for c in range(0x41, 0x5B)} | dict.fromkeys(
    [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])

def likeness_bytes(value):
    """Page 9: what a field of the natural key adds to the likeness; None if the record has none because of it."""
    words = text_of(value)
    return (value if words is None else words.translate(LIKE).encode()) or None


# -------------------------------------------------------------------------------------------------- a scope's items

def pair_record(scope, a, b):
    """Page 9: the record with the verdict on a pair."""
    return H(0x29, scope + min(a, b) + max(a, b))[:16]

class Review:
    """All records of one scope, {id: State}, under the types of a catalogue, {key: type}."""
    LOOKED_AT = 32

    def __init__(self, scope, states, types):
        self.scope = scope
        self.records = {id: Record(scope, id, state, types.get(state.type)) for id, state in sorted(states.items())}

    def verdict(self, a, b):
        """Page 9: the value of the verdict on the pair, None if there is no verdict."""
        record = self.records.get(pair_record(self.scope, a, b))
        if not record or record.state.type != "same_as" or record.state.standing:
            return None
        return record.value("verdict") or None  # neither ERASED nor the empty value

    def alike(self):
        """Page 9, Looks like one thing: the items of kind 7."""
        groups, found = {}, []
        for id, record in self.records.items():
            if record.type.get("natural_key") and record.likeness:
                groups.setdefault(record.likeness, []).append(id)
        for group in groups.values():
            looked_at = group[:self.LOOKED_AT]
            verdicts = {(a, b): self.verdict(a, b) for b in looked_at for a in looked_at if a < b}
            sets = [{id} for id in looked_at]  # ascending by their smallest ids
            for pair, verdict in verdicts.items():
                if verdict == text("same"):
                    one, other = (next(s for s in sets if id in s) for id in pair)
                    if one is not other:
                        sets = sorted([s for s in sets if s is not one and s is not other] + [one | other], key=min)
            for n, here in enumerate(sets):
                unsaid = [min(there) for there in sets[:n]
                          if all(verdicts[min(a, b), max(a, b)] is None for a in here for b in there)]
                found += [self.records[min(here)].item("looks_alike", other=k) for k in unsaid[:1]]
        return found

    def items(self):
        return sorted([i for r in self.records.values() for i in r.items()] + self.alike(), key=lambda i: i.id)

    def notices(self):
        return sorted((n for r in self.records.values() for n in r.notices()), key=lambda n: n.id)

    def joined(self):
        """Page 9: {record: the smallest id of the records that are one with it}, of those that are joined."""
        first = {}

        def smallest(id):
            while id in first:
                id = first[id]
            return id

        for record in self.records.values():
            pair = [plain(record.value(key) or b"") for key in ("first", "second")]
            a, b = (m.reference if m else b"" for m in pair)
            if a < b and record.id == pair_record(self.scope, a, b) and self.verdict(a, b) == text("same"):
                a, b = sorted((smallest(a), smallest(b)))
                first.update({b: a} if a != b else {})
        return {id: smallest(id) for id in first}

    def claimant(self, item, now):
        """Page 9, Claims: who works on the item at the instant (milliseconds); None if nobody does."""
        notes = []
        for record in self.records.values():
            if record.state.type == "review_note" and text_of(record.value("item")) == item.hex():
                edit = record.state.edits[0]
                notes.append((edit.when, record.id, edit.author, text_of(record.value("kind")), dated(record.value("until"))[1]))
        for at, id, author, kind, until in sorted(notes, key=lambda n: n[:2]):
            over = until is not None and until <= datetime.timedelta(milliseconds=now)
            if kind == "claim" and author is not None and not over and not any(
                    k == "release" and a == author and (t, i) > (at, id) for t, i, a, k, _ in notes):
                return author
        return None
