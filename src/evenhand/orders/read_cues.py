"""Words by which demands name their law, their time and what they want, in the languages that they come in.

The laws are those of the project's reference and the law tables; a law that is not here is only not proposed. Which
state a law belongs to is no fact about the sender: anybody can name any law.
"""

import re

_I = re.IGNORECASE

# Law, as it is cited → its state ("EU" for the Union's acts) and, where the law says it, the instrument.
LAWS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, _I), state, instrument)
    for pattern, state, instrument in (
        (r"2021/784|\bTERREG\b|\bTCO[- ](?:Verordnung|Regulation)\b", "EU", "tco-removal"),
        (r"2023/1543|\bEPOC-PR\b", "EU", "epoc"),
        (r"2022/2065|\bDSA\b|Digital Services Act|Gesetz(?:es)? über digitale Dienste|services numériques", "EU", ""),
        (r"\b\d{1,2} U\.?S\.?C\.?(?!\w)|Stored Communications Act|\bgrand jury\b", "US", "national-order"),
        (r"Online Safety Act 2023|Investigatory Powers Act", "GB", "national-order"),
        (r"Online Safety Act 2021|\beSafety\b", "AU", "national-order"),
        (r"\b69A\b|Information Technology (?:Act|\(Intermediary)|\bIT Rules\b|\b3\(1\)\(d\)", "IN", "national-order"),
        (r"\b5651\b", "TR", "national-order"),
        (
            r"149[-\u2010-\u2015]?\s?(?:FZ|ФЗ)|374[-\u2010-\u2015]?\s?(?:FZ|ФЗ)|Роскомнадзор|Roskomnadzor",
            "RU",
            "national-order",
        ),
        (r"Marco Civil|12\.965|Código de Processo Penal", "BR", "national-order"),
        (r"\bLCEN\b|2004-575|\bPHAROS\b|code de procédure pénale", "FR", "national-order"),
        (r"\bStPO\b|\bStGB\b|\bJMStV\b|\bTTDSG\b|\bTDDDG\b|\bDDG\b", "DE", "national-order"),
        (r"قانون جرایم رایانه[\u200c ]?ای|کارگروه تعیین مصادیق", "IR", "national-order"),
        (r"National Security Law\b|國安法|国安法", "HK", "national-order"),
        (r"Ley de Enjuiciamiento Criminal|\bLECrim\b", "ES", "national-order"),
        (r"Закон[уі]? України|Законом України", "UA", "national-order"),
        (r"Prevention of Electronic Crimes|\bPECA\b", "PK", "national-order"),
        (r"\bBÜPF\b|\bLSCPT\b|\bSR 780\.1\b", "CH", "national-order"),
        (r"Protection from Online Falsehoods|\bPOFMA\b", "SG", "national-order"),
        (r"kodeks\w* postępowania karnego|\bk\.p\.k\.", "PL", "national-order"),
    )
)

# What a letter says that it is → the instrument, whatever law it cites beside.
FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"letters? rogatory|letter of request|mutual legal assistance|Rechtshilfeersuchen|commission rogatoire "
            r"internationale|entraide (?:judiciaire|pénale)|comisi[oó]n rogatoria|carta rogat[oó]ria|"
            r"wniosek o pomoc prawną|adli yardım(?:laşma)?|المساعدة القانونية المتبادلة",
            _I,
        ),
        "mlat",
    ),
    (
        re.compile(
            r"voluntary consideration|not (?:a )?(?:legally )?binding|this is a referral|Löschersuchen ohne Anordnung|"
            r"kein Verwaltungsakt|n['’]a pas de caractère contraignant|sans caractère contraignant|no es una orden|"
            r"غير ملزم",
            _I,
        ),
        "referral",
    ),
)

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "ein": 1, "eine": 1, "einer": 1, "einem": 1, "zwei": 2, "drei": 3,
    "une": 1, "un": 1, "deux": 2, "trois": 3, "una": 1, "uno": 1, "dos": 2, "tres": 3, "uma": 1, "um": 1, "duas": 2,
    "três": 3, "bir": 1, "iki": 2, "ten": 10, "zehn": 10, "dix": 10, "diez": 10, "dez": 10,
    "one hour": 1, "одного": 1, "двух": 2, "трех": 3, "ساعة": 1, "ساعتين": 2, "یک": 1, "دو": 2, "سه": 3,
}  # fmt: skip
_WORDS = "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))
_NUMBER = rf"(?P<n>\d{{1,3}}|{_WORDS})"
_HOUR = r"hours?|hrs?|h\b|Stunden?|heures?|horas?|saat|час(?:а|ов)?|ساعات|ساعة|ساعت"
_DAY = r"days?|Tage?n?|jours?|d[ií]as?|gün|суток|сутки|(?:календарных |рабочих )?дн(?:ей|я)|день|أيام|يوما?ً?|روز"
_UNIT = rf"(?:(?P<h>{_HOUR})|(?P<d>{_DAY}))"
_BEFORE = (
    r"within(?: a period of)?|no later than|in (?:the )?next|binnen|innerhalb(?: von)?|spätestens (?:in|nach)"
    r"|dans (?:un délai|les|le délai)(?: d(?:e|['’]))?|sous|en (?:el|un) plazo (?:de|máximo de)|dentro de"
    r"|no prazo (?:de|máximo de)|em até|в течение|не позднее|خلال|في غضون|ظرف|حداکثر(?: تا| ظرف)?"
)
DEADLINE = re.compile(rf"(?:{_BEFORE})\s*(?:d['’])?\s*{_NUMBER}\s*\(?[^\W\d]{{0,12}}\)?\s*{_UNIT}", _I)
# Turkish says the time before the word for "within"; Arabic has "one hour" and "two hours" in one word.
DEADLINE_AFTER = re.compile(rf"{_NUMBER}\s*{_UNIT}\s*(?:içinde|zarfında)", _I)
DEADLINE_ONE_WORD = re.compile(r"(?:خلال|في غضون)\s+(?P<n>ساعة|ساعتين)", _I)

ARTICLE = re.compile(
    r"(?:\bArt(?:icles?|ikels?|\.|ículos?|igos?|ículo)?|\bSections?|\bs\.|\bss\.|§{1,2}|\bstat\w+"
    r"|стать[яиейю]+|ст\.|ч(?:асть|\.)"
    r"|(?:ال|لل)ماد(?:ة|تين|تي)|ماده|\bmadde(?:si)?)\s*(?:№\s*)?\d+[\w.\-/]*(?:\s*\(\w{1,4}\))*"
    r"|\b\d+(?:/\w)?\.?\s*(?:inci|ıncı|uncu|üncü|nci|ncı)?\s*madde(?:si|sinin)?\b",
    _I,
)
REFERENCE = re.compile(
    r"(?:\b(?:Az|Aktenzeichen|Geschäftszeichen|Gz|Ref(?:erence)?(?: no| number)?|File(?: no| number)?"
    r"|Case(?: no| number)?"
    r"|Our ref|Dossier|Réf(?:érence)?|N°|Expediente|Processo|Autos|Esas|Karar|Sayı|Дело|Исх)\.?|№|رقم|شماره)"
    r"\s*(?:no\.?|n[°ºo]\.?|№)?\s*[:.#]?\s*(?P<ref>(?=[\w./()\-]*\d)[\w][\w./()\-]{2,40})",
    _I,
)
URL = re.compile(r"\bhttps?://[^\s<>\"'«»“”„‚`()\[\]{}|]+", _I)

# What is wanted → its words; the first that are met in this order are proposed.
ASKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, _I))
    for kind, pattern in (
        (
            "keys",
            (
                r"(?:encryption|decryption|private|SSL|master) keys?\b|"
                r"ключ\w*[^.;]{0,30}?(?:шифрова|декодирова|расшифров)|"
                r"Schlüssel zur Entschlüsselung|Entschlüsselungsschlüssel|clés? de (?:dé)?chiffrement|"
                r"claves? de (?:des)?cifrado|chaves? de (?:des)?criptografia|şifre(?:leme)? anahtar|"
                r"مفاتيح التشفير|کلید\w* رمز"
            ),
        ),
        (
            "backdoor",
            (
                r"back ?doors?\b|technical capability notice|(?:permanent|standing|direct) (?:capability|access)\b|"
                r"Hintertür|(?:ständig|dauerhaft|direkt)\w* Zugang|porte dérobée|accès (?:permanent|direct)|"
                r"puerta trasera|acceso (?:permanente|directo)|постоянн\w+ доступ|"
                r"(?:نافذة دخول|وصول|نفاذ) دائم|دسترسی دائم"
            ),
        ),
        (
            "monitor",
            (
                r"monitor (?:all|every)\b|general monitoring|überwach\w+ (?:aller|alle|sämtliche)\b|"
                r"surveill\w+ (?:tous|toutes|l['’]ensemble)|vigil\w+ (?:todos|todas)\b|مراقبة جميع"
            ),
        ),
        (
            "bulk",
            (
                r"\ball (?:users|accounts|members|subscribers)\b|"
                r"(?:aller|sämtlicher|sämtliche) (?:Nutzer|Mitglieder|Konten)|"
                r"(?:tous|toutes|l['’]ensemble) (?:les|des) (?:utilisateurs|membres|comptes)|"
                r"liste complète des membres|todos los (?:usuarios|miembros)|всех (?:пользователей|участников)|"
                r"(?:جميع|كل) (?:المستخدمين|الأعضاء|الحسابات)|کشف أعضاء"
            ),
        ),
        (
            "disclose",
            (
                r"subscriber information|basic subscriber|IP (?:logs?|address)|IP-Adress|"
                r"Bestandsdaten|Nutzungsdaten|données de connexion|identification du titulaire|"
                r"datos del titular|identificación de l(?:os|as)? titular|dados cadastrais|"
                r"registros de acesso|abonelik bilgi|"
                r"kimlik bilgi|данные (?:пользователя|абонента)|بيانات (?:المشترك|الحساب|تسجيل)|"
                r"مشخصات (?:کاربر|دارنده)"
            ),
        ),
        (
            "preserve",
            (
                r"\bpreserv\w+|preservação|\bSicherung\b|einfrieren|conservation des données|"
                r"preservaci[oó]n|сохран(?:ить|ение) данны|حفظ البيانات"
            ),
        ),
        (
            "remove",
            (
                r"(?<!-)\bremov\w+(?! electronic protection| encryption)|take down|\bdisabl\w+|\bblock(?:ing|ed)?\b|"
                r"entfern\w+|sperr\w+|retir\w+|suppr\w+|bloque\w*|eliminar|"
                r"(?<!-)remo[çv]\w+(?! electronic protection| encryption)|indisponibiliz\w+|bloqueio|"
                r"erişim\w* engel\w*|"
                r"çıkarıl\w*|kaldır\w*|удал\w+|ограничи\w+ доступ|заблокир\w+|заблок\w+|"
                r"إزالة|حجب|حذف|مسدود|فیلتر"
            ),
        ),
    )
)


def number_of(word: str) -> int:
    """Return a number written in digits or as a word of `DEADLINE`; 0: it is none."""
    return int(word) if word.isdigit() else _NUMBERS.get(word.casefold(), 0)
