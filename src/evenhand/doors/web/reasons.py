"""Reasons that journeys give, in the page's language.

A journey gives its reason in plain English, because programs read it too; here is the table of those that people are
shown. A reason that is not in the table is shown as it is: unknown is not hidden.
"""

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

REASONS = (
    _("needs a second pair of eyes: decide it by itself"),
    _("must be a whole number"),
    _("no alarm is running for this case"),
    _("no question of ours is open; please send a new request"),
    _("nothing has been decided in this case"),
    _("only a decided case whose item is still kept can be decided once more"),
    _("somebody else was first"),
    _("the alarm was raised before; it goes on until an authority acknowledges it"),
    _("the case is not in your hands"),
    _("nobody has claimed the case yet"),
    _("the case keeps changing; please send the appeal again"),
    _("the case keeps changing; please try again"),
    _("the case was decided twice already"),
    _("the desk could not settle what this notice is about; please send it again"),
    _("there is no proposal of yours to take back"),
    _("this notice was received before and has been erased since"),
    _("look at the sample first: %(left)s of %(of)s cases are not opened yet"),
    _("the case is %(state)s: somebody else has it"),
    _("the case is %(state)s: nothing waits for a second person"),
    _("the case is %(state)s"),
    _("somebody else has begun this bulk and looked at its sample"),
    _("they had this item before: somebody else decides"),
    _("you asked for this opinion: somebody else gives it"),
    _("you had this case in hand: the second pair of eyes is somebody else's"),
    _("you had this item before: somebody else decides"),
    _("you decided what is appealed: somebody else decides"),
    _("your role does not include this"),
    _("there is no such bulk"),
    _("there is no such case"),
    _("%(least)s to %(most)s cases can be decided together"),
    _("a restriction needs its facts in your words (Art. 17(3)(b))"),
    _("has more than %(most)s characters"),
    _("needs its id or its exact location"),
    _("give it an id of the usual shape, at most %(most)s characters"),
    _("has more than %(most)s locations; please send several notices"),
    _("must not be empty"),
    _("must be two letters"),
    _("is before the first day"),
    _("has %(least)s to %(most)s characters"),
    _("is not a notice of this case"),
    _("name the notice whose notifier you write to, and no other message's"),
    _("only an appeal undoes an earlier decision"),
    _("an appeal is upheld, partly granted or reversed"),
    _("name the article or the clause that applies"),
    _("say in a word what you open the case for"),
    _("a reference has 26 letters and digits; please copy it whole"),
    _("an appeal against this was decided; a certified body may be asked (Art. 21)"),
    _("nothing has been decided yet: there is nothing to appeal against"),
    _("the decision took nothing from you: there is nothing to appeal against"),
    _("there is no case behind this reference"),
    _("this is not one of our references"),
    _("this link was used"),
    _("this link has expired; please ask the officer to enrol again"),
    _("must be somebody else's address: nobody vouches for themselves"),
    _("must have 1 to %(most)s characters"),
    _("please send it again"),
    _("must be a name, without links"),
    _("this was decided on appeal; a certified body may be asked (Art. 21)"),
    _("what you reported is gone: there is nothing to appeal against"),
    _("the six months ended on %(day)s"),
    _("name the rule that is said to have sent it"),
    _("name the states in which it is restricted"),
    _("%(code)s is no two-letter code of a state"),
    _("names another party: neither may learn who the other is"),
    _("say in your words why the decision is wrong"),
    _("say what the post says"),
    _("a message has 1 to %(most)s characters"),
    _("a note has 1 to %(most)s characters"),
    _("you have written %(most)s messages; please wait for an answer"),
    _("name the authority's officer or office, and its reference"),
    _("say in a sentence what threatens whom"),
    _("the case is in a category that is not yours"),
    _("the case is in a queue that is not yours"),
    _("the case is in a region that is not yours"),
)
"""Every reason that a person may be shown, in the order in which they are tried; %(…)s stands for what varies."""

_PLACE = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(_PLACE.sub(lambda place: f"(?P<{place[1] or place[2]}>.+?)", re.escape(reason))), reason)
        for reason in REASONS
        if "%(" in reason
    )


def reason_label(reason: object) -> str:
    """Return a journey's reason in the page's language; one that is not in the table as it is."""
    text = str(reason)
    if text in REASONS:
        return gettext(text)
    for pattern, english in _patterns():
        if found := pattern.fullmatch(text):
            return gettext(english) % found.groupdict()
    return gettext(text) if text else ""
