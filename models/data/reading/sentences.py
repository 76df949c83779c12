"""From the first sentence of a doc to words that an answer can use: "Return the x." becomes "returns the x"."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ROLE = re.compile(r":(?:\w+:)?\w+:`~?([^`<]+?)(?:\s*<[^`]*>)?`")
_LINK = re.compile(r"\{@link\s+([^}|\s]+)[^}]*\}|\[`?([\w.:]+)`?\](?:\([^)]*\))?")
_CODE = re.compile(r"``([^`]+)``")
_REFERENCE = re.compile(r"`([^`<]+?)\s*<[^`>]*>`_{1,2}")
_END = re.compile(r"(?<![ei]\.[ge])(?<!etc)[.!](?=\s|$)")
_UNFIT = re.compile(
    r">>>|::|\.\.\s|:\w+:|https?:|TODO|FIXME|XXX|[|\\{}<>\"]|\*|__|[^\x20-\x7e]|---|===|\bI\b|\bwe\b|@\w"
    r"|\w,? (?:If|Returns?|When|Note|This) "
)
_SUBJECT = re.compile(r"(?:This|The) (?:method|function|class|decorator|property|helper|routine|module|file) (\w+)\b")
_NOUN = re.compile(r"\w+ (?:that|which|who)\b")
_AGAIN = re.compile(r"\b(and|or|then|and then|but) ([a-z]+)\b")
_OBJECT = re.compile(r"(?:the|a|an|its?|all|any|each|every|them|this|that|to|from|with|if|it)\b")
_LEAST_WORDS = 4
_MOST_WORDS = 28

_VERB_LIST = """
    accept acquire act add adjust allow append apply assemble assert assign associate attach attempt await be begin
    bind block build cache calculate call cancel capture cast catch change check choose clean clear clone close collect
    combine come compare compile compose compress compute configure connect consume contain control convert copy count
    create decide declare decode decompress decorate define delay delegate delete deliver deserialize detach detect
    determine disable discard disconnect dispatch display do drop dump emit empty enable encode end enqueue ensure
    enter escape establish evaluate examine execute exit expand expire extend extract fail fetch fill filter find finish
    fire flush follow force forget format forward free generate get give group guess handle have hide hold identify
    ignore implement import include increment indicate inherit initialize initialise insert inspect install instantiate
    interpret invalidate invoke is issue iterate join keep kill launch let limit list listen load lock log look loop
    maintain make manage map mark match measure merge mock modify monitor move name normalize normalise note notify
    obtain offer open order output override pack parse pass patch pause peek perform pop populate prepare prepend
    present preserve prevent print process produce prompt provide pull push put query queue quote raise read rebuild
    receive recompute record redirect reduce refresh register reject release reload remove rename render replace report
    represent request require reset resolve respond restart restore resume retrieve return reverse revert rewrite run
    save scan schedule search see seek select send separate serialize serve set show shut simplify skip sleep sort
    spawn specify split start stop store strip subscribe substitute support suppress swap switch take tell terminate
    test throw toggle track transform translate traverse trigger trim truncate try turn undo unlock unpack unregister
    unsubscribe update upload use validate verify visit wait walk warn watch work wrap write yield
"""
_VERBS = frozenset(_VERB_LIST.split())
_IRREGULAR = {"be": "is", "have": "has", "do": "does"}


def first_sentence(doc: str) -> str:
    """Return the first sentence of a doc as plain words without a full stop, or nothing where it does not serve."""
    paragraph = doc.strip().split("\n\n", 1)[0]
    text = " ".join(paragraph.split())
    text = _ROLE.sub(r"`\1`", text).replace("`.", "`")
    text = _REFERENCE.sub(r"\1", text)
    text = _LINK.sub(lambda match: f"`{match[1] or match[2]}`", text)
    text = _CODE.sub(r"`\1`", text)
    text = re.sub(r"\b_(\w+)_\b", r"\1", text)
    end = _END.search(text)
    sentence = (text[: end.start()] if end else text).rstrip(" :;,-")
    words = len(sentence.split())
    fits = _LEAST_WORDS <= words <= _MOST_WORDS and not _UNFIT.search(sentence) and sentence[:1].isalpha()
    balanced = sentence.count("`") % 2 == 0 and sentence.count("(") == sentence.count(")")
    return sentence if fits and balanced else ""


def predicate(sentence: str) -> str:
    """Return what a sentence says of its subject, "returns the name", or nothing where that cannot be told.

    Args:
        sentence: As `first_sentence` returns it.
    """
    if (subject := _SUBJECT.match(sentence)) and (verb := _third_person(subject[1])):
        return _agreeing(verb + sentence[subject.end() :])
    first, _, rest = sentence.partition(" ")
    if first in ("A", "An", "The"):
        return f"is {first.lower()} {rest}"
    verb = _third_person(first.lower())
    if rest.partition(" ")[0] in _THIRD or _NOUN.match(rest):
        return ""  # "Requests uses this", "Wait strategy that": a noun came first
    return _agreeing(f"{verb} {rest}") if verb and first[1:].islower() else ""


def joined(clauses: Sequence[str]) -> str:
    """Return clauses as one: "calls `a`, catches `B` and returns `c`"."""
    return clauses[0] if len(clauses) == 1 else f"{', '.join(clauses[:-1])} and {clauses[-1]}"


def in_words(number: int) -> str:
    """Return "three", "no" or "14"."""
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return small[number] if number < len(small) else str(number)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return "three places", "one place", "14 places"."""
    return f"{in_words(number)} {noun if number == 1 else plural or noun + 's'}"


def in_files(paths: Sequence[str]) -> str:
    """Return where rows lie: "in `a.py`", "in three files"."""
    files = sorted(set(paths))
    return f"in `{files[0]}`" if len(files) == 1 else f"in {in_words(len(files))} files"


def _agreeing(text: str) -> str:
    """Return the predicate with its further verbs in the same person; nothing where one of them is in doubt."""
    doubtful = False

    def agree(match: re.Match[str]) -> str:
        nonlocal doubtful
        if match[2] not in _VERBS:
            return match[0]
        if _OBJECT.match(text[match.end() :].lstrip()):
            return f"{match[1]} {_third_person(match[2])}"
        doubtful = True
        return match[0]

    changed = _AGAIN.sub(agree, text)
    return "" if doubtful else changed


def _third_person(verb: str) -> str:
    """Return "parses" of "parse" and of "parses", nothing of a word that is no known verb."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb in _VERBS:
        if verb.endswith("y") and verb[-2] not in "aeou":
            return verb[:-1] + "ies"
        return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    return verb if verb in _THIRD else ""


_THIRD = frozenset(map(_third_person, _VERBS - {"is"})) | {"is"}
