"""An English question as part of an agent's sentence: "does it come with a plug" as "whether it comes with a plug"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import re2


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LEAD = re2.compile(
    r"(?i)^(?:(?:and|also|so|but|hi|hello|hey|plus|then|please|ok|okay|btw|by the way|quick question|one more thing|just wondering|wondering|i was wondering|(?:can|could) you (?:please )?(?:tell me|let me know|check)|do you know|may i (?:ask|know)|i(?:'| wa)?(?:nt|d like) to know|if so|thanks?|wait|actually)\b[\s,:!-]*)+"
)
_TAIL = re2.compile(
    r"(?i)[\s,]*\b(?:please|pls|plz|thanks?(?: you)?|thx|lol|haha|though|tho|right|guys|or not|or what|by any chance|at all|then|btw|as well|too|anyway|exactly|again|dear|friend)$"
)
_ENDS = " ,.?!~-–—:;\"'“”()"
_SPELLED = (
    (re2.compile(r"(?i)\b(what|when|where|how|who|which|that|it|there)(?:'|’)s\b"), r"\1 is"),
    (re2.compile(r"(?i)\b(what|when|where|how|who)s\b"), r"\1 is"),
    (re2.compile(r"(?i)\bdont\b"), "don't"),
    (re2.compile(r"(?i)\bcant\b"), "can't"),
    (re2.compile(r"(?i)\b(?:u|you guys|y'all|ya|you all|you folks)\b"), "you"),
    (re2.compile(r"(?i)\bur\b"), "your"),
    (re2.compile(r"(?i)\br\b"), "are"),
    (re2.compile(r"(?i)\bgonna\b"), "going to"),
)
_BE = _words("is are am was were")
_DO = _words("do does did")
_MODAL = _words("can could will would should may might must has have had")
_PRONOUNS = _words("i you it he she they we there this that these those anyone someone everything one")
_DETERMINERS = _words("the a an this that these those my your his her its their our any all both each")
_PREDICATES = _words(
    """
    true safe ok okay fine good bad suitable available in on at for from with without made real genuine authentic
    included compatible waterproof washable dishwasher machine microwave big small large wide long short heavy light
    thick thin soft hard warm hot cold loud quiet easy difficult too enough still also really actually very so able
    allowed free covered refundable returnable adjustable removable reversible dimmable rechargeable a an the worth
    new used pure 100% bpa-free food-grade food odorless scented going supposed required needed not only like as by
    of than better cheaper sold out back over up down under about between per different same original organic vegan
    halal gluten-free sugar-free it you i we they delivered shipped sent packed assembled tested cut sewn printed
    lined padded expired fresh ready
    """
)
"""Words with which what is said of a thing begins."""
_VERBS = _words(
    """
    be come fit work need have include support ship last shrink run cost contain hold take look smell fade leak
    charge arrive weigh feel stain float rust break scratch stretch get use wash put make go survive stay keep turn
    melt burn make match open close fold sell send deliver return exchange refund change cancel pay give tell know
    show start stop play connect fall bleed pill wrinkle sag peel crack tear eat drink sleep sit stand carry add
    write wrap pack install assemble cover apply count expire accept offer provide restock drop lower require
    """
)
_OBJECT_AFTER = _words("if when that what how whether where do and because which or until after before unless")
_WH = re2.compile(
    r"(?i)^(how (?:long|much|many|big|small|large|wide|tall|high|deep|thick|heavy|soon|often|far|old|loud|warm|quickly|fast|strong|late|early|thin|sharp|safe|bright)|how|what (?:size|colou?rs?|kind|type|time|day|model|material|version|brand|voltage|length|documents?|courier|address)(?: of [\w-]+)?|what|when|where|which(?: (?:one|size|colou?r|model|version|courier|day|of [\w ]+?))?|who|whose|why)\s+(.+)$"
)
_CHANCE = re2.compile(
    r"(?i)^(?:is there )?any (?:chance|way) (?:that )?(you|i|we|it)\s+(?:can |could |might |will )?(.+)$"
)
_PARTICIPLE_ENDS = ("ed", "en")
_FRAGMENT = 5
"""Words of a question without a verb: free shipping, any discount for two."""


@lru_cache(maxsize=1024)
def indirect(question: str) -> str:
    """`question` as what is asked, put after "I'm checking"; "" where its form is not one of those known."""
    text = question.strip(_ENDS)
    lead = _LEAD.match(text)
    if lead and lead.end() < len(text):
        text = text[lead.end() :]
    for pattern, instead in _SPELLED:
        text = pattern.sub(instead, text)
    while (tail := _TAIL.search(text)) is not None and tail.start() > 0:
        text = text[: tail.start()].strip(_ENDS)
    chance = _CHANCE.match(text)
    if chance:
        return (
            f"whether {_ours(chance.group(1).split(), subject=True)} can {_ours(chance.group(2).split(), after='can')}"
        )
    words = text.split()
    if len(words) < 1:
        return ""
    if lead and words[0].lower() in ("if", "whether"):
        return f"whether {_ours(words[1:])}" if words[1:] else ""  # could you tell me if
    return _of_yes_or_no(words) or _of_wh(text) or _of_fragment(words)


def _of_yes_or_no(words: Sequence[str]) -> str:
    verb, *rest = words
    if _plain(verb) not in _BE | _DO | _MODAL or not rest:
        return ""
    if verb.lower().endswith("n't") and rest[0].lower() not in _PRONOUNS | _DETERMINERS:
        return ""  # can't even zip it up: told, without saying who
    clause = _turned(_plain(verb), rest)
    return f"whether {clause}" if clause else ""


def _of_wh(text: str) -> str:
    match = _WH.match(text)
    if match is None:
        return ""
    asks, rest = match.group(1).lower(), match.group(2).split()
    verb = _plain(rest[0])
    if asks in ("what", "how") and verb == "about":
        return _of_fragment(rest[1:])
    if asks == "what" and verb == "if":
        return f"what happens {_ours(rest)}"
    if verb not in _BE | _DO | _MODAL or len(rest) < 2:
        told = asks in ("who", "which one", "which", "how many", "how much") or verb == "happens"
        return f"{asks} {_ours(rest)}" if told else ""
    if asks in ("how", "where", "which one", "what") and verb in ("do", "can", "should") and rest[1].lower() == "i":
        return f"{asks} to {_ours(rest[2:])}" if rest[2:] else ""
    if asks == "who" and verb in _BE:
        return f"{asks} {verb} {_ours(rest[1:])}"
    if asks in ("who", "what", "which one") and verb not in _DO and rest[1].lower() in _PREDICATES - _PRONOUNS:
        determined = rest[1].lower() in _DETERMINERS
        if not determined:
            return f"{asks} {verb} {_ours(rest[1:])}"  # which one is better
    if verb in _BE and rest[1].lower() not in _PRONOUNS - {"this", "that", "these", "those"}:
        head, tail = _noun(rest[1:])
        return f"{asks} {_ours(head)} {_agreeing(verb, head)}{' ' + _ours(tail) if tail else ''}"
    clause = _turned(verb, rest[1:], not_so=rest[0].lower().endswith("n't"))
    return f"{asks} {clause}" if clause else ""


def _noun(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What is asked about, and what is said of it where a participle or adjective ends the question."""
    if len(words) > 1 and words[-1].lower().endswith(_PARTICIPLE_ENDS):
        return words[:-1], words[-1:]
    return words, ()


def _of_fragment(words: Sequence[str]) -> str:
    """A question without a verb (any discount for two); "" for a statement with a question mark."""
    if not 0 < len(words) <= _FRAGMENT or words[0].lower() in _PRONOUNS - {"this", "that"}:
        return ""
    if any(w.lower() in _BE | _DO | _MODAL for w in words):
        return ""
    verb = next((v for v in _VERBS if words[0].lower() in (v, _inflected(v))), "")
    if verb and len(words) > 1:
        return f"whether it {_inflected(verb)} {_ours(words[1:], after=verb)}"  # fits a laptop, come with a charger
    if words[0].lower() in ("any", "some"):
        return f"whether there is {_ours(words)}"
    if words[0].lower() in _PREDICATES - _DETERMINERS:
        return (
            f"whether it is {_ours(words)}"
            if words[0].lower() not in ("for", "with", "free", "original")
            else _ours(words)
        )
    return "" if words[0].lower() in _VERBS else _ours(words)


def _plain(verb: str) -> str:
    """Without its not, and could as can: what may be asked more or less politely is the same thing."""
    bare = verb.lower().removesuffix("n't")
    return {"could": "can", "ca": "can", "wo": "will"}.get(bare, bare)


def _turned(verb: str, rest: Sequence[str], not_so: bool = False) -> str:
    """Subject, verb and the rest in the order of a statement; "" where the subject can't be told."""
    length = _subject(verb, rest)
    if not 0 < length <= len(rest):
        return ""
    subject, said = rest[:length], rest[length:]
    theirs = _ours(subject, subject=True)
    if not_so:
        return f"{theirs} {_agreeing(verb, subject)} not {_ours(said, after=verb)}".strip() if verb not in _DO else ""
    if verb in _DO:
        if not said or verb == "did":
            return ""
        return f"{theirs} {_inflected(said[0].lower()) if verb == 'does' else said[0].lower()} {_ours(said[1:], after=said[0])}".strip()
    return f"{theirs} {_agreeing(verb, subject)} {_ours(said, after=verb)}".strip()


def _agreeing(verb: str, subject: Sequence[str]) -> str:
    first = subject[0].lower()
    if first in ("i", "you"):
        return {"am": "are", "was": "were", "is": "are"}.get(verb, verb)
    return verb


def _subject(verb: str, words: Sequence[str]) -> int:
    """How many words the subject has."""
    low = [w.lower().strip(",") for w in words]
    starts = _PREDICATES if verb in _BE else _VERBS | {"also", "still", "really", "been", "it"}
    if low[0] in _PRONOUNS - _DETERMINERS:
        return 1
    determined = low[0] in _DETERMINERS
    if determined and low[0] in _PRONOUNS and (len(low) == 1 or low[1] in starts or (verb in _BE and len(low) == 2)):
        return 1  # is this machine washable, does that fit
    for at in range(1 + determined, len(low)):
        if low[at] in starts or (verb in _MODAL and low[at] in _VERBS):
            return at
    if verb in _BE:
        return len(low) - 1
    return 0 if verb in _DO else 1 + determined


def _inflected(verb: str) -> str:
    """The third person of a verb."""
    if verb in ("have", "do", "go", "be"):
        return {"have": "has", "do": "does", "go": "goes", "be": "is"}[verb]
    if verb.endswith(("s", "sh", "ch", "x", "z")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


_PERSONS = {
    "i": "you", "i'm": "you're", "i've": "you've", "i'd": "you'd", "i'll": "you'll", "me": "you", "my": "your", "mine": "yours",
    "myself": "yourself", "we": "you", "us": "you", "our": "your", "your": "our", "yours": "ours", "im": "you're",
    "you're": "we're", "you'll": "we'll", "you've": "we've",
}  # fmt: skip


def _ours(words: Sequence[str], subject: bool = False, after: str = "") -> str:
    """Said to the customer: mine is yours, and yours is ours."""
    out: list[str] = []
    before = after.lower()
    for word in words:
        low = word.lower().strip(",")
        if low == "you":
            turned = "we" if subject or not before or before in _OBJECT_AFTER else "us"
        elif before in ("i", "im") and low == "am":
            turned = "are"
        else:
            turned = _PERSONS.get(low, "") or word
        out.append(turned)
        before = low
    return " ".join(out)
