"""Pages 1 and 2 of the protocol as far as the others stand on them: hashes, dots, vectors, values and their messages, and how the
test vectors write them."""
import hashlib, importlib, subprocess, sys, tempfile
from pathlib import Path

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
ERASED = None  # in the place of a value that is not there any more


# ---------------------------------------------------------------------------------------------- page 1: definitions

def u(bits, number):
    return number.to_bytes(bits // 8, "big")

def H(tag, data):
    """Page 1: the tagged hash."""
    return hashlib.sha256(bytes([tag]) + data).digest()

def len16(data):
    return u(16, len(data)) + data

def dot_bytes(dot):
    return u(64, dot[0]) + u(64, dot[1])

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


# ---------------------------------------------------------------------------------------------------- page 2: values

def text(words):
    return pb.Value(text=words).SerializeToString()

def plain(value):
    """Page 2: the message of a value that is encoded as authors do it; of any other encoding None."""
    message = pb.Value.FromString(value)
    message.DiscardUnknownFields()
    return message if message.SerializeToString() == value else None


# --------------------------------------------------------------------------------- protocol/vectors/README.md: as JSON

def dot_to_json(dot):
    return [id64(dot[0]), *dot[1:]]

def dots_to_json(dots):
    return [*map(dot_to_json, dots)]

def dot_from_json(dot):
    return (int(dot[0], 16), *map(int, dot[1:]))

def dots_from_json(dots):
    return [*map(dot_from_json, dots)]

def value_to_json(value):
    """protocol/vectors/README.md: a value as JSON; in another encoding than authors': {"raw": its bytes}."""
    if value is ERASED:
        return {"erased": True}
    message = value if isinstance(value, pb.Value) else plain(value)
    if message is None:
        return {"raw": value.hex()}
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
