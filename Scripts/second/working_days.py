"""Page 10 of the protocol: working days by the holiday calendar."""
import datetime, json
from pathlib import Path


class Missing(Exception):
    """A year that is not known."""

def calendar(folder):
    """{year: (days off, weekend days worked)} of the files of a folder."""
    years = {}
    for file in Path(folder).glob("[0-9]*.json"):
        data = json.loads(file.read_text())
        day = datetime.date.fromisoformat
        years[data["year"]] = {day(d) for h in data["holidays"] for d in h["days"]}, {day(d) for d in data["working_weekend_days"]}
    return years

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

def check_working_days(case, years):
    """protocol/vectors/README.md: a case of working-days.json; what differs."""
    day = datetime.date.fromisoformat
    try:
        if case["kind"] == "is_working":
            got = is_working(years, day(case["day"]))
        elif case["kind"] == "due":
            got = due(years, case["count"], day(case["after"])).isoformat()
        else:
            got = between(years, day(case["after"]), day(case["through"]))
    except Missing as missing:
        got = {"missing_year": missing.args[0]}
    return [] if got == case["expect"] else [f"{case['name']}: got {got}"]
