"""The acknowledgement of a request in its sender's language: reference, instant, right address, receipt. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

_NAME_MAX = 100


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language; `{…}` are filled."""

    received: str
    door: str
    answer: str
    receipt: str


WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {
        "EN": Wording(
            "{platform} received your request on {at} (UTC). Its reference is {reference}.",
            "You wrote to another address of ours. Your request was carried over and counts from its arrival there. "
            "The right address is {address}.",
            "Please quote the reference in everything that you write about it. Questions come from this address only.",
            "The signed receipt below proves that we received exactly what you sent. Please keep it.",
        ),
        "DE": Wording(
            "{platform} hat Ihr Ersuchen am {at} (UTC) erhalten. Das Aktenzeichen ist {reference}.",
            "Sie haben an eine andere unserer Adressen geschrieben. Ihr Ersuchen wurde weitergeleitet und gilt ab dem "
            "Eingang dort. Die richtige Adresse ist {address}.",
            "Bitte nennen Sie das Aktenzeichen in jedem Schreiben dazu. Rückfragen kommen nur von dieser Adresse.",
            "Die signierte Quittung unten beweist, dass wir genau das erhalten haben, was Sie gesandt haben. "
            "Bitte bewahren Sie sie auf.",
        ),
        "FR": Wording(
            "{platform} a reçu votre demande le {at} (UTC). Sa référence est {reference}.",
            "Vous avez écrit à une autre de nos adresses. Votre demande a été transmise et compte à partir de son "
            "arrivée à cette adresse. La bonne adresse est {address}.",
            "Veuillez indiquer la référence dans toute correspondance. Nos questions ne viennent que de cette adresse.",
            "Le reçu signé ci-dessous prouve que nous avons reçu exactement ce que vous avez envoyé. "
            "Veuillez le conserver.",
        ),
        "ES": Wording(
            "{platform} recibió su solicitud el {at} (UTC). Su referencia es {reference}.",
            "Usted escribió a otra de nuestras direcciones. Su solicitud fue trasladada y cuenta desde su llegada. "
            "La dirección correcta es {address}.",
            "Indique la referencia en toda correspondencia. Nuestras preguntas llegan solo desde esta dirección.",
            "El recibo firmado que sigue prueba que recibimos exactamente lo que usted envió. Consérvelo, por favor.",
        ),
        "AR": Wording(
            "تلقت {platform} طلبكم بتاريخ {at} (UTC). الرقم المرجعي هو {reference}.",
            "كتبتم إلى عنوان آخر من عناويننا. نُقل طلبكم ويُحتسب من وقت وصوله إلى ذلك العنوان. "
            "العنوان الصحيح هو {address}.",
            "يرجى ذكر الرقم المرجعي في كل مراسلة. لا تصل أسئلتنا إلا من هذا العنوان.",
            "يثبت الإيصال الموقّع أدناه أننا تلقينا ما أرسلتموه بالضبط. يرجى الاحتفاظ به.",
        ),
        "FA": Wording(
            "{platform} درخواست شما را در {at} (UTC) دریافت کرد. شمارهٔ پیگیری {reference} است.",
            "شما به نشانی دیگری از ما نوشته‌اید. درخواست شما منتقل شد و از زمان رسیدن به آن نشانی محاسبه می‌شود. "
            "نشانی درست {address} است.",
            "لطفاً در هر نامه شمارهٔ پیگیری را بنویسید. پرسش‌های ما تنها از این نشانی می‌آید.",
            "رسید امضاشدهٔ زیر ثابت می‌کند که ما دقیقاً آنچه را فرستادید دریافت کرده‌ایم. لطفاً آن را نگه دارید.",
        ),
    }
)


def acknowledgement(language: str, platform: str, reference: str, at: datetime, address: str, receipt: str) -> str:
    """Return the letter; in English where the language has no sentences here.

    Args:
        language: ISO 639-1, in any case.
        platform: Who answers.
        reference: Of the matter.
        at: Receipt, aware.
        address: The right address, where the letter went to another one; "" else.
        receipt: The signed note, put below as it is.
    """
    wording = WORDINGS.get(language.upper()[:2], WORDINGS["EN"])
    values = {
        "platform": platform,
        "reference": reference,
        "at": at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "address": address,
    }
    sentences = [wording.received, *([wording.door] if address else ()), wording.answer, wording.receipt]
    return "\n\n".join(sentence.format(**values) for sentence in sentences) + "\n\n" + receipt


def vouching_letter(platform: str, officer: str, agency: str, link: str) -> str:
    """Return what an agency's administrator is written: who asks, what the link does, what to do if it is wrong.

    Anybody can fill in a name: it stands on lines of its own, said to be theirs, and never as a sentence of ours.
    """
    return (
        f"Somebody asks to send requests to {platform} on your authority's behalf. This is what they wrote of "
        "themselves; nobody has checked it:\n\n"
        f"    Officer: {_on_one_line(officer)}\n"
        f"    Agency: {_on_one_line(agency)}\n\n"
        "If you know this person and they may do so, please say so here within 72 hours; the link works once:\n\n"
        f"{link}\n\n"
        "If not, do nothing: nobody is enrolled without your word. Please tell us if somebody misuses your name.\n"
    )


def _on_one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:_NAME_MAX]
