"""Page 10 of the protocol: working days by the holiday calendar."""
import datetime, json, re
from pathlib import Path


class Missing(Exception):
    """A year that is not known."""

class Fault(Exception):
    """A file that is no year's calendar, with the code of what is wrong."""

def day(text):
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise Fault("not-a-day")
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise Fault("not-a-day") from None

def is_text(value):
    return isinstance(value, str)

def is_words(value):
    return isinstance(value, dict) and is_text(value.get("zh")) and is_text(value.get("en"))

def is_days(value):
    return isinstance(value, list) and all(map(is_text, value))

def has_form(data):
    """What the schema says, as far as a reader needs it."""
    return (isinstance(data, dict) and type(data.get("year")) is int and is_days(data.get("working_weekend_days"))
            and all(isinstance(data.get(key), list) for key in ("announced", "holidays"))
            and all(isinstance(a, dict) and all(is_text(a.get(k)) for k in ("title", "number", "date")) for a in data["announced"])
            and all(a.get("note") is None or is_words(a["note"]) for a in data["announced"])
            and all(isinstance(h, dict) and is_text(h.get("key")) and is_words(h.get("name")) and is_days(h.get("days"))
                    for h in data["holidays"]))

def read_year(data):
    """Page 10, what a file must hold: the year, its days off and the weekend days worked."""
    if not has_form(data):
        raise Fault("malformed")
    if not 1949 <= data["year"] <= 9998:
        raise Fault("year-outside")
    if not data["announced"]:
        raise Fault("without-source")
    if not data["holidays"] or not all(h["days"] for h in data["holidays"]):
        raise Fault("without-days")
    for announcement in data["announced"]:
        day(announcement["date"])
    off = [day(d) for h in data["holidays"] for d in h["days"]]
    worked = [day(d) for d in data["working_weekend_days"]]
    if any(d.year != data["year"] for d in off + worked):
        raise Fault("other-year")
    if len(set(off + worked)) < len(off + worked):
        raise Fault("twice")
    if any(d.weekday() < 5 for d in worked):
        raise Fault("worked-anyway")
    return data["year"], (set(off), set(worked))

def calendar(folder):
    """{year: (days off, weekend days worked)} of the files of a folder."""
    return dict(read_year(json.loads(file.read_text())) for file in Path(folder).glob("[0-9]*.json"))

def is_working(years, day):
    if day.year not in years:
        raise Missing(day.year)
    off, worked = years[day.year]
    return day in worked if day.weekday() > 4 else day not in off

def due(years, count, day):
    while count > 0:
        day += datetime.timedelta(days=1)
        count -= is_working(years, day)
    return day

def between(years, start, end):
    count = 0
    while start < end:
        start += datetime.timedelta(days=1)
        count += is_working(years, start)
    return count

def may_change(years, day):
    return day.year in years and day.year + 1 not in years and (day.month, day.day) >= (12, 25)

def check_working_days(case, years):
    """protocol/vectors/README.md: a case of working-days.json; what differs."""
    try:
        match case["kind"]:
            case "is_working": got = is_working(years, day(case["day"]))
            case "due": got = due(years, case["count"], day(case["after"])).isoformat()
            case "between": got = between(years, day(case["after"]), day(case["through"]))
            case "may_change": got = may_change(years, day(case["day"]))
            case "file": got = read_year(case["file"])[0]
    except Missing as missing:
        got = {"missing_year": missing.args[0]}
    except Fault as fault:
        got = {"fault": fault.args[0]}
    return [] if got == case["expect"] else [f"{case['name']}: got {got}"]
