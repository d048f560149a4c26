"""The words of bulletins and reports by language; `{n}` and its like are filled in. A language is a table more."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language.

    Attributes:
        months: January to December, as they stand in a date.
        terror: Sentence with {n}, {month}, {day}; so child_abuse.
        total: Sentence with {n}.
        report_terror: Sentence with {address}; so report_child_abuse.
        headings: Headings of the HTML page by English key.
    """

    direction: str
    months: tuple[str, ...]
    terror: str
    child_abuse: str
    total: str
    report_terror: str
    report_child_abuse: str
    headings: Mapping[str, str]


_HEADINGS = (
    "Daily report",
    "Bulletins",
    "Decisions by day of the month",
    "Decisions",
    "Items screened",
    "category",
    "keyword",
    "item",
    "action",
    "ground",
    "source",
    "automation",
    "number",
    "none",
)


def _headings(*words: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(_HEADINGS, words, strict=True)))


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "en": Words(
            direction="ltr",
            months=(
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ),
            terror="{n} terrorist bots and channels banned on {month}, {day}.",
            child_abuse="{n} groups and channels related to child abuse banned on {month}, {day}.",
            total="Total this month: {n}",
            report_terror="Report terrorist content using the in-app 'Report' button or to {address}.",
            report_child_abuse="Report child abuse using the in-app 'Report' button or to {address}.",
            headings=_headings(*_HEADINGS),
        ),
        "de": Words(
            direction="ltr",
            months=(
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ),
            terror="{n} terroristische Bots und Kanäle am {day}. {month} gesperrt.",
            child_abuse="{n} Gruppen und Kanäle im Zusammenhang mit Kindesmissbrauch am {day}. {month} gesperrt.",
            total="Gesamt in diesem Monat: {n}",
            report_terror="Terroristische Inhalte melden: über „Melden“ in der App oder an {address}.",
            report_child_abuse="Kindesmissbrauch melden: über „Melden“ in der App oder an {address}.",
            headings=_headings(
                "Tagesbericht",
                "Bulletins",
                "Entscheidungen je Tag des Monats",
                "Entscheidungen",
                "Geprüfte Inhalte",
                "Kategorie",
                "Stichwort",
                "Gegenstand",
                "Maßnahme",
                "Grundlage",
                "Quelle",
                "Automatisierung",
                "Anzahl",
                "keines",
            ),
        ),
        "fr": Words(
            direction="ltr",
            months=(
                "janvier",
                "février",
                "mars",
                "avril",
                "mai",
                "juin",
                "juillet",
                "août",
                "septembre",
                "octobre",
                "novembre",
                "décembre",
            ),
            terror="{n} bots et chaînes terroristes bannis le {day} {month}.",
            child_abuse="{n} groupes et chaînes liés à la maltraitance d’enfants bannis le {day} {month}.",
            total="Total du mois : {n}",
            report_terror="Signalez un contenu terroriste par le bouton « Signaler » ou à {address}.",
            report_child_abuse="Signalez une maltraitance d’enfants par le bouton « Signaler » ou à {address}.",
            headings=_headings(
                "Rapport du jour",
                "Bulletins",
                "Décisions par jour du mois",
                "Décisions",
                "Contenus examinés",
                "catégorie",
                "mot-clé",
                "objet",
                "mesure",
                "fondement",
                "source",
                "automatisation",
                "nombre",
                "aucun",
            ),
        ),
        "ar": Words(
            direction="rtl",
            months=(
                "يناير",
                "فبراير",
                "مارس",
                "أبريل",
                "مايو",
                "يونيو",
                "يوليو",
                "أغسطس",
                "سبتمبر",
                "أكتوبر",
                "نوفمبر",
                "ديسمبر",
            ),
            terror="حُظر {n} من الروبوتات والقنوات الإرهابية في {day} {month}.",
            child_abuse="حُظر {n} من المجموعات والقنوات المتصلة بالإساءة إلى الأطفال في {day} {month}.",
            total="المجموع هذا الشهر: {n}",
            report_terror="أبلغوا عن المحتوى الإرهابي بزر «إبلاغ» في التطبيق أو إلى {address}.",
            report_child_abuse="أبلغوا عن الإساءة إلى الأطفال بزر «إبلاغ» في التطبيق أو إلى {address}.",
            headings=_headings(
                "التقرير اليومي",
                "النشرات",
                "القرارات حسب أيام الشهر",
                "القرارات",
                "المواد المفحوصة",
                "الفئة",
                "الكلمة الدالة",
                "المادة",
                "الإجراء",
                "الأساس",
                "المصدر",
                "الأتمتة",
                "العدد",
                "لا شيء",
            ),
        ),
    }
)
