"""Page 8 of the protocol, merging texts, written from protocol/8-text.md alone.

A text is cut into tokens, tokens into units; each side's units are aligned with the base's; what a side replaced is a
region; regions of different sides that touch are a cluster; and a cluster on which its sides differ stays open.
"""
import itertools
from collections import Counter, namedtuple

MOST_DEPTH, LARGEST_TABLE = 32, 250_000


# ------------------------------------------------------------------------------------------------------------ tokens

def scalars(ranges, characters=""):
    """A class of the page's table: ranges of code points in hexadecimal, and characters; the blanks between do not count."""
    bounds = ([int(end, 16) for end in part.split("-")] for part in ranges.split())
    return frozenset(characters.replace(" ", "")).union(*(map(chr, range(b[0], b[-1] + 1)) for b in bounds))

NEWLINE = scalars("A-D 85 2028 2029")
SPACE = scalars("9 20 A0 2000-200A 202F 205F 3000")
DIGIT = scalars("30-39 FF10-FF19")
CHINESE_NUMERAL = scalars("", "〇 零 一 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 壹 贰 叁 肆 伍 陆 柒 捌 玖 拾 佰 仟")
NUMERAL = DIGIT | CHINESE_NUMERAL
MEASURE = scalars("", "年 月 日 号 时 点 分 秒 周 季 度 元 角 岁 % ％ ‰ ℃")
SIGN = scalars("2212", "+ - ＋ － ± $ ＄ ¥ ￥ € £ 〔 [ ［")
CONNECTOR = scalars("2013 2014 B7", ". ． , : ： / ／ - － ~ ～ × _ @ & ' ’ 〕 ] ］ ) ）")
LETTER = scalars("41-5A 61-7A AA B5 BA C0-D6 D8-F6 F8-2FF 370-482 48A-590 1E00-1FFF 2C60-2C7F A720-A7FF FF21-FF3A FF41-FF5A")
MARK = scalars("21 22 27-29 2C-2F 3A 3B 3F 5B 5D 5F 60 7B 7D A1 AB B7 BB BF 2010-2027 2030-205E 3001-3003 3008-3011 "
               "3014-301F 3030 30FB FE10-FE19 FE30-FE52 FE54-FE5E FF01 FF02 FF07-FF09 FF0C-FF0F FF1A FF1B FF1F FF3B FF3D "
               "FF3F FF40 FF5B FF5D FF5F-FF65")
REPEATED_MARK = scalars("2026 2014", ". -")
REGIONAL_INDICATOR = scalars("1F1E6-1F1FF")
LEADING_JAMO = scalars("1100-115F A960-A97C")
HANGUL_SYLLABLE = scalars("AC00-D7A3")
LINKING = scalars("200D 600-605 6DD 70F 890 891 8E2 D4E 110BD 110CD 111C2 111C3 113D1 1193F 11941 11A3A 11A84-11A89 11D46 "
                  "11F02")
ATTACHING = scalars("300-36F 483-489 591-1DFF 200C 200D 20D0-20FF 2CEF-2CF1 2D7F 2DE0-2DFF 302A-302F 3099 309A A66F-A67D "
                    "A69E A69F A6F0 A6F1 A800-ABFF D7B0-D7FF FB1E FE00-FE0F FE20-FE2F FF9E FF9F 101FD 102E0 10376-1037A "
                    "10A00-11FFF 13430-13455 16100-16FFF 1BC9D 1BC9E 1CF00-1CF46 1D165-1D1AD 1D242-1D244 1DA00-1DAAF "
                    "1E000-1E95F 1F3FB-1F3FF E0000-E0FFF")

Token = namedtuple("Token", "text kind")  # kind: newline, space, mark or other

def tokens_of(text):
    """Page 8, Tokens."""
    tokens, start = [], 0
    while start < len(text):
        end, kind = next_token(text, start)
        tokens.append(Token(text[start:end], kind))
        start = end
    return tokens

def next_token(text, start):
    """Where the token that begins at `start` ends, and its kind."""
    first, behind = text[start], text[start + 1:start + 2]
    if first in NEWLINE:
        return start + (2 if first + behind == "\r\n" else 1), "newline"
    if first in LETTER or first in NUMERAL or first in SIGN and behind in NUMERAL:
        return run_end(text, start), "other"
    end = start + 1
    if first in REGIONAL_INDICATOR or first in REPEATED_MARK:
        alike = REGIONAL_INDICATOR if first in REGIONAL_INDICATOR else first
        while text[end:end + 1] and text[end] in alike:
            end += 1
    whole = attached_end(text, end)
    return whole, "other" if whole > end else "space" if first in SPACE else "mark" if first in MARK else "other"

def run_end(text, start):
    first = end = start if text[start] in LETTER or text[start] in NUMERAL else start + 1  # behind a sign
    after_numeral = False
    while end < len(text):
        one, behind = text[end], text[end + 1:end + 2]
        if not (one in LETTER or one in DIGIT
                or one in CHINESE_NUMERAL and (end == first or after_numeral)
                or one in MEASURE and after_numeral
                or one in CONNECTOR and (behind in LETTER or behind in DIGIT or after_numeral and behind in CHINESE_NUMERAL)):
            break
        after_numeral = one in NUMERAL or after_numeral and one not in LETTER
        end = attached_end(text, end + 1)
    return end

def attached_end(text, end):
    """Where what is attached to the scalar that ends at `end` ends."""
    while end < len(text) and (
            text[end] in ATTACHING
            or text[end - 1] in LINKING and text[end] not in NEWLINE
            or text[end - 1] in LEADING_JAMO and text[end] in HANGUL_SYLLABLE):
        end += 1
    return end


# ------------------------------------------------------------------------------------------------------------- units

FULL_STOP, STOP = frozenset("。！？；…｡"), frozenset("。！？；…｡.!?;")
CLOSING = STOP | frozenset("”’」』）】〉》〕〗)]}\"'»")

def units_of(text):
    """Page 8, Units: the texts of the sentences and breaks."""
    tokens, units, start = tokens_of(text), [], 0
    while start < len(tokens):
        end = break_end(tokens, start) or sentence_end(tokens, start)
        units.append(joined(tokens[start:end]))
        start = end
    return units

def joined(tokens):
    return "".join(t.text for t in tokens)

def break_end(tokens, start):
    """Where the break that begins at `start` ends; None if none begins there."""
    blank = list(itertools.takewhile(lambda t: t.kind in ("space", "newline"), itertools.islice(tokens, start, None)))
    return start + len(blank) if any(t.kind == "newline" for t in blank) else None

def sentence_end(tokens, start):
    at = start
    while at < len(tokens) and not break_end(tokens, at):
        if tokens[at].kind != "mark" or tokens[at].text[0] not in STOP:
            at += 1
            continue
        stop = at
        while at < len(tokens) and tokens[at].kind == "mark" and tokens[at].text[0] in CLOSING:
            at += 1
        if at == len(tokens) or tokens[at].kind != "other" or any(t.text[0] in FULL_STOP for t in tokens[stop:at]):
            break
    return at

def says_something(unit):
    return any(t.kind == "other" for t in tokens_of(unit))


# --------------------------------------------------------------------------------------------------------- alignment

def align(a, b):
    """Page 8, Alignment: the pairs of positions of equal units, ascending."""
    pairs = []

    def ranges(a0, a1, b0, b1, depth):
        while a0 < a1 and b0 < b1 and a[a0] == b[b0]:
            pairs.append((a0, b0))
            a0, b0 = a0 + 1, b0 + 1
        while a0 < a1 and b0 < b1 and a[a1 - 1] == b[b1 - 1]:
            a1, b1 = a1 - 1, b1 - 1
            pairs.append((a1, b1))
        if a0 == a1 or b0 == b1 or depth == MOST_DEPTH:
            return
        anchors = longest_ascending(anchors_of(a, a0, a1, b, b0, b1))
        if anchors:
            pairs.extend(anchors)
            for (x0, y0), (x1, y1) in itertools.pairwise([(a0 - 1, b0 - 1), *anchors, (a1, b1)]):
                ranges(x0 + 1, x1, y0 + 1, y1, depth + 1)
        elif (a1 - a0) * (b1 - b0) <= LARGEST_TABLE:
            pairs.extend((a0 + i, b0 + j) for i, j in common_subsequence(a[a0:a1], b[b0:b1]))

    ranges(0, len(a), 0, len(b), 0)
    return sorted(pairs)

def anchors_of(a, a0, a1, b, b0, b1):
    """The pairs of units that occur exactly once on either side, in the order of `a`."""
    in_a, in_b = Counter(a[a0:a1]), Counter(b[b0:b1])
    where = {b[j]: j for j in range(b0, b1)}
    return [(i, where[a[i]]) for i in range(a0, a1) if in_a[a[i]] == in_b[a[i]] == 1]

def longest_ascending(anchors):
    """Of the longest sequences ascending in both, the one whose last position in `b` is smallest, then its last but one ..."""
    ends = []  # ends[n]: of the sequences of n + 1 anchors so far, the one with the smallest end; as (anchor, what is before it)
    for anchor in anchors:
        length = sum(end[0][1] < anchor[1] for end in ends)
        ends[length:length + 1] = [(anchor, ends[length - 1] if length else None)]
    sequence, last = [], ends[-1] if ends else None
    while last:
        sequence.insert(0, last[0])
        last = last[1]
    return sequence

def common_subsequence(a, b):
    longest = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            longest[i][j] = (longest[i + 1][j + 1] + 1 if a[i] == b[j] else max(longest[i + 1][j], longest[i][j + 1]))
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


# ---------------------------------------------------------------------------------------------- regions and clusters

class Region(namedtuple("Region", "side lower upper units")):
    """The units `lower` up to `upper` of the base, which the side replaced by units of its own."""
    insertion = property(lambda self: self.lower == self.upper)
    in_place = property(lambda self: self.upper - self.lower == len(self.units) == 1)

    def touches(self, other):
        if self.side == other.side:
            return False
        if self.insertion and other.insertion:
            return self.lower == other.lower
        if self.insertion or other.insertion:
            point, whole = (self.lower, other) if self.insertion else (other.lower, self)
            return whole.lower < point < whole.upper or point in (whole.lower, whole.upper) and not whole.in_place
        return self.lower < other.upper and other.lower < self.upper

def regions_of(base, units, side):
    """Page 8, Regions: of every gap of the alignment; those that change nothing are dropped."""
    regions = []
    for (i0, j0), (i1, j1) in itertools.pairwise([(-1, -1), *align(base, units), (len(base), len(units))]):
        regions += regions_of_gap(base, i0 + 1, i1, units[j0 + 1:j1], side)
    return [r for r in regions if base[r.lower:r.upper] != r.units]

def regions_of_gap(base, lower, upper, units, side):
    gap = base[lower:upper]
    head = alike_count(gap, units)
    tail = alike_count(gap[head:][::-1], units[head:][::-1])
    rest = len(gap) - head - tail, len(units) - head - tail
    if rest != (0, 0):  # it takes in the pairs beside it
        head, tail = max(head - 1, 0), max(tail - 1, 0)
    pairs = [Region(side, range(lower, upper)[i], range(lower, upper)[i] + 1, [units[i]])
             for i in (*range(head), *range(-tail, 0))]
    return [*pairs, Region(side, lower + head, upper - tail, units[head:len(units) - tail])]  # the rest, if any, last

def alike_count(a, b):
    """How many units, from the beginning, are alike one by one."""
    return sum(1 for _ in itertools.takewhile(lambda pair: are_alike(*pair), zip(a, b)))

def are_alike(a, b):
    a, b = tokens_of(a), tokens_of(b)
    head = common([a, b])
    tail = common([a[head:][::-1], b[head:][::-1]])
    return 2 * (head + tail) >= max(len(a), len(b))

class Cluster:
    """Regions that touch: what each side that has some made of a stretch of the base."""

    def __init__(self, base, regions):
        self.regions = sorted(regions)
        self.lower, self.upper = min(r.lower for r in regions), max(r.upper for r in regions)
        self.base = "".join(base[self.lower:self.upper])
        self.texts = {side: self.text_of(base, side) for side in sorted({r.side for r in regions})}
        self.open = len(set(self.texts.values())) > 1

    def text_of(self, base, side):
        text, at = [], self.lower
        for region in (r for r in self.regions if r.side == side):
            text += base[at:region.lower] + region.units
            at = region.upper
        return "".join(text + base[at:self.upper])

def clusters_of(base, regions):
    groups = []
    for region in regions:
        touched = [g for g in groups if any(region.touches(r) for r in g)]
        groups = [g for g in groups if g not in touched] + [sum(touched, [region])]
    return sorted((Cluster(base, g) for g in groups), key=lambda c: (c.lower, c.upper))

def opened_by_moves(base, clusters):
    """Page 8, Moves: the clusters that are open because of a unit that was moved out of a cluster of several sides."""
    opened = []
    for c, d in itertools.permutations(clusters, 2):
        for side in c.texts.keys() & d.texts.keys() if len(c.texts) > 1 else ():
            taken = {u for r in c.regions if r.side == side for u in base[r.lower:r.upper] if says_something(u)}
            put = {u for r in d.regions if r.side == side for u in r.units}
            alike = not c.open and all(d.texts.get(s) == d.texts[side] for s in c.texts)
            if taken & put and not alike:
                opened.append(d)
    return opened


# ------------------------------------------------------------------------------------------------------------- spans

WIDTHS = {0xFF01 + i: 0x21 + i for i in range(0x5E)} | {0xFFE5: 0xA5}

def merge_texts(base, sides):
    """Page 8: the spans of the merge of the sides, as in protocol/vectors/text.json."""
    units = units_of(base)
    clusters = clusters_of(units, [r for n, s in enumerate(sides) for r in regions_of(units, units_of(s), n)])
    for cluster in opened_by_moves(units, clusters):
        cluster.open = True
    spans, at = [], 0
    for cluster in clusters:
        spans += [{"same": "".join(units[at:cluster.lower])}, *spans_of(cluster)]
        at = cluster.upper
    spans.append({"same": "".join(units[at:])})
    return joined_same(spans)

def spans_of(cluster):
    if not cluster.open:
        return [{"merged": {"base": cluster.base, "text": next(iter(cluster.texts.values())), "sides": list(cluster.texts)}}]
    sides = {}  # of each different text, in the order of its first side
    for side, text in cluster.texts.items():
        sides.setdefault(text, []).append(side)
    base, *texts = whole = [tokens_of(text) for text in (cluster.base, *sides)]
    head = common(whole)
    tail = common([tokens[head:][::-1] for tokens in whole])
    middle = slice(head, -tail or None)
    said = {tuple(t.text.translate(WIDTHS) for t in tokens[middle] if t.kind == "other") for tokens in texts}
    return [{"same": joined(base[:head])},
            {"open": {"base": joined(base[middle]),
                      "alternatives": [{"text": joined(t[middle]), "sides": s} for t, s in zip(texts, sides.values())],
                      "punctuation": len(texts) > 1 and len(said) == 1}},
            {"same": joined(base[len(base) - tail:])}]

def common(sequences):
    """How many tokens all sequences begin with."""
    return sum(1 for _ in itertools.takewhile(lambda column: len(set(column)) == 1, zip(*sequences)))

def joined_same(spans):
    """Neighbouring same spans as one, none of them empty."""
    result = []
    for span in spans:
        if "same" in span and result and "same" in result[-1]:
            result[-1] = {"same": result[-1]["same"] + span["same"]}
        elif span != {"same": ""}:
            result.append(span)
    return result

def text_of_side(spans, side):
    """What a side wrote: span by span the span's text for it, and the base where it has none; of no side: the base."""
    def text(kind, span):
        if kind == "same":
            return span
        alternatives = span["alternatives"] if kind == "open" else [span]
        return next((a["text"] for a in alternatives if side in a["sides"]), span["base"])
    return "".join(text(kind, span) for one in spans for kind, span in one.items())

def is_open(spans):
    return any("open" in span for span in spans)

def merged_text(spans, newest=None):
    """The merged text with, in open spans, what the side has there, or what stood there before if it left the span alone."""
    return text_of_side([{"same": s["merged"]["text"]} if "merged" in s else s for s in spans], newest)
