"""Offices and what they ask for, in languages that the wrong door's model has not learnt. Pure.

The model knows five languages; in another, its n-grams and cues say nothing. A letter that names an office and wants
something, both in the words of one other language, is therefore shown to a person whatever the model says of it.
Words that are words of the five languages too are left out: there the model decides.
"""

from functools import cache

from evenhand.orders.wrong_door_cues import folded

SPACED: dict[str, tuple[str, str]] = {
    "bg, ru, sr, uk": (
        (
            "полици прокур следовател следственн мвд_ киберпол слідч поліц тужилаш министерств міністерств "
            "суд_ суда_ ведомств"
        ),
        (
            "предостав данные_ данни сведен адрес удал заблокир надати дані видал прошу_ просим требуем прекрат "
            "вимагає исполн"
        ),
    ),
    "cs, sk": (
        "policie_ policejní policajn státní_zastupit okresní_soud krajský_soud prokuratúr",
        "poskytn údaje údajů sdělen odstran zajišt žádám žiada",
    ),
    "da, no, sv": (
        "politiet politikreds anklagemyndighed polisen_ polismyndighet åklagar tingsrätt politimester kriminalpoliti",
        "oplysninger udlever abonnent uppgift begär ta_bort slett fjern anmod spara_ utred efterforsk",
    ),
    "el": ("αστυνομ εισαγγελ δικαστήρ δίωξη υπουργεί", "στοιχεί παρακαλ διαγραφ συνδρομητ χορήγησ αφαίρεσ"),
    "et, fi, lt, lv": (
        "poliisi syyttäjä käräjäoikeu politsei prokuratuur policijos prokuratūr policija_ valsts_policij",
        "tilaajatie pyydäm luovut poist palume andmed prašome duomen lūdzam datus",
    ),
    "fa": ("پلیس دادسرا بازپرس دادگاه دادستان فتا_", "مشخصات ارسال ارائه حذف مسدود اطلاعات"),
    "fil, id, ms, sw": (
        "kepolisian polres polsek polda polri kejaksaan pengadilan polis_diraja kituo_cha_polisi mahakama pulisya",
        "data_pelanggan mohon blokir permintaan penghapusan tupe namba_ya taarifa hinihiling pakibigay sila_beri",
    ),
    "hr, sl": (
        "policijsk državno_odvjetništ tužilaštv općinski_sud tožilstv",
        "dostavit podatke podatak uklon odstrani molimo prosimo",
    ),
    "hu": (
        "rendőrség rendőr-főkapit rendőrkapit nyomozó ügyészség bíróság",
        "adatait felhasználó megkeres eltávolít kérjük",
    ),
    "it": (
        "questura procura_della carabinieri polizia_di polizia_postale guardia_di_finanza giudice_per",
        "dati_ consegni esibizione intestatari rimozion oscurament acquisi trasmett si_dispone si_richiede",
    ),
    "nl": (
        "politie officier_van_justitie rechter-commissaris openbaar_ministerie parket_ rechtbank",
        "gebruikersgegevens vorder verstrek verwijder gegevens",
    ),
    "pl": (
        "komend komisariat_ komisariatu dyżurny_ posterun policji prokuratur sąd_rejonowy sąd_okręg ministerstwo",
        "udostępni abonent adresów_ip usunięci zabezpieczeni danych_ dane_ proszę prosimy ustaleni",
    ),
    "pt": (
        "delegacia delegado_de_polícia escrivão inquérito_policial ministério_público vara_ desembargador",
        "dados_cadastrais registros_de_conexão requisit precisamos pedimos remoção bloqueio identifica",
    ),
    "ro": ("poliția poliției parchet procuror judecător tribunalul", "datele_ furniz solicit elimin comunica"),
    "tr": (
        "emniyet savcılı cumhuriyet_başsavcı jandarma sulh_ceza mahkeme bakanlığı",
        "abonelik gönderil bilgiler kaldırıl erişim engellen rica_ederim",
    ),
    "ur": ("پولیس عدالت تھانہ ایف_آئی_اے", "معلومات فراہم ہٹا بلاک"),
    "vi": ("công_an viện_kiểm_sát tòa_án cơ_quan_điều_tra", "cung_cấp thông_tin gỡ_bỏ"),
}
"""Languages → stems that begin words, offices and what they ask for; "_" for a space or a word's end."""

UNSPACED: dict[str, tuple[str, str]] = {
    "bn": ("পুলিশ আদালত থানা", "তথ্য অপসারণ"),
    "he": ("משטרה משטרת פרקליטות משפט סייבר", "פרטי נתוני הסרה נבקש העבירו"),
    "hi, mr, ne": ("पुलिस पोलीस थाना प्रहरी न्यायालय अभियोजन", "विवरण जानकारी माहिती उपलब्ध हटा"),
    "hy, ka": ("ოლიცი პროკურატურ სასამართლო ոստիկան դատախազ", "მონაცემ ინფორმაცი տվյալ տեղեկ"),
    "ja": ("警察 警視庁 県警 府警 検察 裁判所 総務省", "登録者 照会 提供 削除 開示"),
    "ko": ("경찰 검찰 법원 방송통신", "가입자 제공 요청 삭제"),
    "ta, te": ("காவல் நீதிமன்ற పోలీసు న్యాయస్థాన", "விவரங்கள் தகவல் వివరాలు సమాచారం"),
    "th": ("ตำรวจ กองบังคับการ อัยการ ศาล", "ขอข้อมูล ขอให้ลบ ระงับ ข้อมูลผู้ใช้"),
    "zh": (
        "公安 警察 检察院 檢察 法院 民警 网信办 互联网信息办公室 管理局",
        "提供 注册信息 登录 删除 屏蔽 协查 下架 报送",
    ),
}
"""The same for scripts without spaces, or where articles and particles are written together with the word."""

CUE = "an office and what it asks for, in a language that the model has not learnt"


def office_elsewhere(text: str) -> str:
    """Return the languages in whose words a text names an office and asks for something, "" if there are none.

    Args:
        text: As `wrong_door_model.plain` returns it.
    """
    met: tuple[set[str], set[str]] = (set(), set())
    for run in text.split():
        word = run.lstrip("\"'«„“([{<*-")
        for stem, whole, languages, part in _spaced().get(word[:3], ()):
            first, space, _ = stem.partition(" ")
            if space:
                if word == first and f" {stem}" in text:
                    met[part].add(languages)
            elif word.startswith(stem) and (not whole or not word[len(stem) : len(stem) + 1].isalpha()):
                met[part].add(languages)
    if both := met[0] & met[1]:
        return min(both)
    if text.isascii():
        return ""
    for languages, (offices, asks) in _unspaced():
        if any(one in text for one in offices) and any(one in text for one in asks):
            return languages
    return ""


@cache
def _spaced() -> dict[str, tuple[tuple[str, bool, str, int], ...]]:
    """Return stems by their first three letters: stem, whether its word ends there, languages, 0 office or 1 ask."""
    found: dict[str, tuple[tuple[str, bool, str, int], ...]] = {}
    for languages, both in SPACED.items():
        for part, stems in enumerate(both):
            for stem in stems.split():
                letters = folded(stem.rstrip("_").replace("_", " "))
                first = letters.partition(" ")[0][:3]
                found[first] = (*found.get(first, ()), (letters, stem.endswith("_"), languages, part))
    return found


@cache
def _unspaced() -> tuple[tuple[str, tuple[tuple[str, ...], tuple[str, ...]]], ...]:
    return tuple(
        (languages, (tuple(map(folded, offices.split())), tuple(map(folded, asks.split()))))
        for languages, (offices, asks) in UNSPACED.items()
    )
