"""Cues of an authority's request, and of what only looks like one: stems in six languages, one group a meaning. Pure.

A cue is met when one of its stems begins a word of the text (Arabic stems may stand inside one, where article and
particles are written together with the word). Groups are features of the model, which weighs them; none decides.
"""

import re
import unicodedata
from functools import cache, lru_cache

CUES: dict[str, str] = {
    "police": (
        "police constab detective sheriff sergeant inspector constable polizei kripo kriminal kommissariat "
        "landeskriminalamt gendarm policía policia comisaría guardia_civil inspecteur brigade commandant_de "
        "subinspector полиц следовател شرطة مباحث الدرك مخفر"
    ),
    "prosecution": (
        "prosecut attorney district_attorney staatsanwalt oberstaatsanwalt generalbundesanwalt parquet procureur "
        "procuraduría fiscal fiscalía ministerio_público прокур النيابة المدعي_العام النائب_العام"
    ),
    "court": (
        "court judge magistrate tribunal gericht amtsgericht landgericht richter juge juzgado jueza juez auto_del "
        "audiencia суд محكمة قاض قضائ"
    ),
    "administration": (
        "ministry authority regulator commission agency commissioner customs tax_administration revenue "
        "ministerium behörde aufsicht bundes landes zoll finanzamt steuerfahndung amt ministère autorité "
        "régulateur préfecture douane services_fiscaux ministerio autoridad agencia superintendencia aduana "
        "gobernación министерств надзор وزارة هيئة مصلحة مديرية الجمارك المجلس"
    ),
    "order": (
        "order ordered command direct instruct subpoena warrant injunction summon decision judgment anordn "
        "beschluss verfügung untersagung ladung urteil ordne injonction enjoin ordonn mise_en_demeure réquisition "
        "requér requiér requis assignation jugement sommé orden mandamiento auto requier requerimiento sentencia "
        "resolución citación oficio постановлен предписан приказ أمر قرار حكم إنابة إذن"
    ),
    "ask_data": (
        "provide furnish disclose produce supply transmit identif particulars übermitt herausgabe auskunft "
        "mitteil bestandsdaten nennen benennen communiquer fournir remettre identité identification transmettre "
        "facilit aport entrega comuni identidad informe предостав сведени تزويد موافا تسليم إفصاح الكشف بيانات "
        "هوية"
    ),
    "preserve": ("preserv retain sicher conserv gel_de preservación сохран حفظ الاحتفاظ تجميد"),
    "remove": (
        "remove removal disable block takedown suspend entfern sperr lösch retir retrait bloqu supprim suprim "
        "bloque elimin удал заблокир إزالة حجب حذف إغلاق وقف"
    ),
    "technical": (
        "ip login registration_details subscriber account_holder metadata traffic_data log_in ip-adresse login-ip "
        "nutzungsdaten verkehrsdaten adresse_ip adresses_ip connexion abonné abonado direcciones_ip dirección_ip "
        "conexion titular registro ip-адрес عناوين عنوان_ip مشترك تسجيل"
    ),
    "offence": (
        "offence crime criminal suspect fraud blackmail homicide murder kidnap terror investigat victim straf "
        "ermittlung verfahren betrug beschuldigt täter verdacht enquête escroquerie enlèvement homicide "
        "infraction delito investigad diligencias secuestro estafa homicidio преступ уголовн تحقيق جريمة احتيال "
        "المتهم المجني قضية"
    ),
    "law": (
        "section article act u.s.c. regulation statutory pursuant law code § art. gemäß nach_art stpo verordnung "
        "règlement vertu code_de loi application_de artículo ley reglamento virtud_de conforme_a código_nacional "
        "статья закон المادة قانون بموجب اللائحة وفق"
    ),
    "reference": (
        "reference ref. file case_number case_no crime_reference fir az. aktenzeichen geschäftszahl vorgang "
        "tagebuch dossier procédure notice_ procès-verbal expediente atestado causa carpeta n.º дело الملف محضر "
        "المرجعي"
    ),
    "deadline": (
        "within deadline no_later_than without_delay urgent immediately frist binnen unverzüglich sofort umgehend "
        "sous_huit sous_quinze délai sans_délai dans_les plazo inmediat sin_demora en_el_término срок немедленно "
        "خلال فورا عاجل دون_تأخير"
    ),
    "formal": (
        "hereby enclosed attached_a undersigned acknowledge confirm_receipt kindly requests anbei anlage hiermit "
        "ersuch bitten_um ci-joint veuillez prions soussigné adjunt solicit ruega interesa se_le прошу_вас "
        "настоящим مرفق يرجى نطلب نرجو نأمر تطلب يطلب عليكم"
    ),
    "threat_of_penalty": (
        "non-compliance failure_to_comply refusal contempt penalty fine_ zwangsgeld ordnungsgeld bußgeld "
        "sous_peine astreinte amende sanction apercibimiento multa_coercitiva sanción штраф تحت_طائلة يعاقب "
        "الغرامة"
    ),
    "our_company": (
        "your_company your_service your_user your_platform your_undertaking ihr_unternehmen ihre_plattform "
        "ihr_nutzer ihres_dienst votre_société votre_entreprise votre_utilisateur votre_service esa_sociedad "
        "esa_mercantil su_servicio su_usuario la_entidad la_empresa ваша_компан شركتكم خدمتكم مستخدمكم"
    ),
    "mine": (
        "my me mine i_was i_am i_want i_lost i_did mein meine meinen meiner ich_wurde ich_will ich_möchte "
        "ich_habe mir mon ma mes j'ai je_suis moi mi mis me_han soy he_puesto мой моя мне أنا لي ابنتي حسابي "
        "والدي صوري هاتفي"
    ),
    "our_group": (
        "our_group our_band our_charity our_software we_run unsere_gruppe unser_verein notre_groupe "
        "notre_association notre_logiciel nuestro_grupo nuestra_asociación nuestro_programa مجموعتنا جمعيتنا "
        "برنامجنا"
    ),
    "complaint": (
        "appeal object banned restore complain review_by unfair shame gesperrt_wurde widerspruch beschwere "
        "beschwerde pfui conteste réclamation rétabl honte recurro reclamación vergüenza restablec عترض شكوى "
        "أعيدو عيب"
    ),
    "press": (
        "radio student exam_ studiere radio_ étudiant estudio_ reportage reportaje أدرس للإذاعة "
        "newsletter journalist press_release podcast unsubscribe subscribe petition survey thesis conference "
        "webinar invitation redakteur rundbrief pressemitteilung abmelden umfrage kongress doktorarbeit "
        "journaliste lettre_d'information communiqué désabonner pétition colloque mémoire periodista boletín "
        "nota_de_prensa congreso encuesta tesis suscrí صحف نشرة بيان_صحفي عريضة مؤتمر استبيان رسالة_ماجستير "
        "بودكاست"
    ),
    "private_right": (
        "gdpr copyright dmca client law_firm trademark dsgvo urheber mandant rechtsanwält marke rgpd_je "
        "represents_mr represents_mrs trade_mark personal_data datenschutz kanzlei_vertritt anwaltskanzlei "
        "unterlassung données_personnelles cabinet_représente datos_personales bufete_representa العلامة_التجارية "
        "علامة_تجارية بياناتي مكتبنا_يمثل droit_d'auteur avocats client_ derechos_de_autor abogados bufete cliente "
        "حقوق_المؤلف محامو موكل"
    ),
    "money": (
        "bail_ voucher codes_today kaution_ coupons cupones fianza بطاقات الكفالة_ "
        "pay invoice gift_cards bitcoin refund charged congratulations überweis rechnung gutschein abgebucht "
        "glückwunsch payez facture remboursé félicitations pague factura cobrado enhorabuena ادفع الفاتورة مبروك "
        "خصم"
    ),
    "help": (
        "help thank greetings love_ fan desperate how_do can_you could_you_add hilf danke grüße bitte_bitte aidez "
        "merci_de_me bises adore ayúden gracias saludos encanta ساعدو شكرا تحياتي أحب هل_يمكن"
    ),
    "asks_us": (
        "how_many do_you_publish which_rule where_in is_there is_this_real wie_oft gibt_es welche_regel ist_das "
        "combien y_a-t-il publiez-vous quelle_règle est-ce cuántas publican qué_norma es_real كم هل_لديكم هل_هذا "
        "أي_قاعدة"
    ),
    "thirds_report": (
        "helpline hotline beratungsstelle meldestelle ligne_d'écoute línea_de_ayuda خط_المساعدة خط_ساخن signaleur_de "
        "report_a_channel i_want_to_report trusted_flagger pretending impersonat möchte_einen_kanal hinweisgeber "
        "gibt_sich signaleur je_signale se_fait_passer alertador quiero_denunciar se_hace_pasar مبلغ_موثوق "
        "أريد_الإبلاغ ينتحل"
    ),
    "diplomatic": (
        "embassy consulate note_verbale presents_its_compliments botschaft verbalnote konsulat generalkonsulat "
        "ambassade consulat embajada consulado nota_verbal посольств السفارة القنصلية مذكرة_شفوية"
    ),
    "rank": (
        "officer unit squad desk_officer investigating on_duty deputy sachbearbeiter wachhabend dezernat dienststelle "
        "fahndung leiter officier brigade service_des section_de substitut greff oficial unidad grupo_de instructor "
        "secretaría jefe الضابط ضابط وحدة قسم رئيس مكتب_القاضي"
    ),
    "somebody_lost": (
        "missing searching_for looking_for vermisst suchen_wir wir_suchen disparu recherchons desaparec buscamos "
        "пропавш مفقود نبحث"
    ),
    "citizen": (
        "citizen we_are_a_charity my_brother my_son my_daughter my_ex bürger_ mein_bruder meine_tochter mein_sohn "
        "je_suis_un mon_frère ma_fille mon_fils ciudadano mi_hermano mi_hija mi_hijo مواطن أخي ابني ابنتي"
    ),
    "says_who_writes": (
        "this_is_constable this_is_sergeant this_is_detective this_is_inspector this_is_the_police here_is_police "
        "police_here unit_here squad_here i'm_constable i'm_pc i'm_sergeant i'm_a_detective i_am_a_detective "
        "i_am_a_police i_am_the_investigat i'm_the_investigat we_are_from_the_police we_are_from_cyber i_am_head "
        "hier_polizei hier_die_polizei hier_ist_die hier_das hier_ist_das hier_pok hier_khk hier_die_kripo hier_kok "
        "ici_la_police ici_la_gendarm ici_la_brigade ici_le_commissariat ici_l'inspecteur ici_l'officier "
        "ici_le_capitaine je_suis_le_policier je_suis_juge je_suis_enquêt aquí_la_policía aqui_la_policia "
        "aquí_la_guardia soy_el_cabo soy_el_agente soy_agente soy_subinspector soy_sargento somos_de_la_policía "
        "somos_de_la_policia le_escribo_de_la_fiscal معكم معك_الضابط هنا_الشرطة هنا_الشرطه انا_ضابط أنا_ضابط "
        "نحن_من_الأمن نحن_من_الشرطة"
    ),
    "short_rank": (
        "pc_ ds_ dc_ di_ sgt const_ cst_ det_ dci_ supt pok_ khk_ phm_ kok_ kk_ pom_ ekhk_ pk_ wm_ phk_ adj_ mdl_ opj_ "
        "lieutenant brigadier adjudant capitaine major_ cabo_ sargento subof_ agente_ teniente capitán comisario_ "
        "ملازم نقيب رائد مقدم عقيد رقيب عريف لواء عميد مساعد_"
    ),
    "public_body": (
        "parliament select_committee committee_of_inquiry ombudsman electoral_board election_commission "
        "labour_inspect workplace_relations coroner council_enforcement municipal intelligence trading_standards "
        "social_services family_services child_protection bundestag untersuchungsausschuss petitionsausschuss "
        "volksanwalt wahlleit arbeitsinspekt jugendamt ordnungsamt magistrat nachrichtendienst verfassungsschutz "
        "gesundheitsamt commission_d'enquête défenseur_des inspection_du_travail inspection_sociale aide_sociale "
        "commission_électorale mairie_de ville_de renseignement comisión_investigadora defensor_del_pueblo "
        "junta_electoral inspección_de_trabajo inspección_laboral municipalidad ayuntamiento inteligencia "
        "tribunal_electoral instituto_nacional برلمان مجلس_النواب لجنة_تقصي وسيط هيئة_الانتخابات اللجنة_العليا "
        "مفتشية تفتيش_العمل بلدية أمانة مخابرات استخبارات"
    ),
    "emergency": (
        "hostage threat_to_life risk_to_life live_stream livestream armed suicid jump knife swallow right_now geisel "
        "lebensgefahr gefahr_für_leib bewaffnet springen messer tabletten otage arme_ armé couteau cachets "
        "en_danger rehén rehenes armado cuchillo pastillas riesgo_vital en_directo رهائن مسلح سكين خطر بث_مباشر"
    ),
    "who_is_it": (
        "who's_behind who_is_behind whose_number name_and_phone name_and_number his_number wer_steckt wer_dahinter "
        "name_und_nummer name_und_handy name_und_tel qui_est_derrière nom_et_tel nom_et_numéro quién_está_detrás "
        "nombre_y_tel nombre_y_número a_quién_corresponde من_وراء اسم_ورقم الاسم_والرقم"
    ),
    "work_wanted": (
        "cv_ curriculum résumé my_application vacancy join_your references_from bewerbung lebenslauf zeugnis "
        "stellenausschreib candidature mon_cv rejoindre_votre candidatura currículum busco_trabajo السيرة_الذاتية "
        "وظيفة توظيف"
    ),
    "procurement_or_event": (
        "tender_ bids bidder sponsor open_day stall_ orchestra choir band_ exhibition archive ausschreibung vergabe "
        "bieter angebote_ spendenlauf einladung stand_ orchester chor_ ausstellung archiv appel_d'offres marché "
        "plis_ parrain portes_ouvertes orchestre exposition licitación concurso ofertas_electr patrocin carrera_sol "
        "orquesta exposición archivo_ مناقصة منافسة_عامة عطاء العروض رعاية سباق معرض موسيق أرشيف"
    ),
    "sent_by_itself": (
        "automatic_reply automatic_receipt out_of_office do_not_reply don't_reply don't_answer_this abwesen "
        "automatische_antwort automatisch antworten_sie_nicht réponse_automatique message_d'absence automatique "
        "ne_pas_répondre ne_répondez respuesta_automática acuse_automático no_responda رد_آلي إشعار_آلي لا_ترد "
        "إجازة"
    ),
    "sells_or_lures": (
        "demo free_trial book_a our_tool our_software sales_team click tap_the download password kostenlos testen "
        "vertrieb klicken link_ essai_gratuit démonstration cliquez téléchargez touchez commercia prueba_gratuita "
        "un_mes_gratis haga_clic toque_el descargue enlace ventas مجان اضغط الرابط تجريب المبيعات كلمة_المرور"
    ),
    "private_professional": (
        "solicitor barrister i_defend insur our_client instructed my_client debt_collect process_server "
        "rechtsanw verteidig anwältin anwalt_ versicher inkasso mandantin mandantschaft avocat maître_ conseil_d "
        "assureur assurons recouvrement cliente abogad letrad defiendo asegurador aseguramos cobranza محامي أدافع "
        "تأمين تحصيل نؤم"
    ),
    "association": (
        "charity ngo_ watchdog association_ non-profit verein_ vereins gemeinnützig ong_ association observatorio "
        "asociación observatoire جمعية مرصد نادي"
    ),
    "formerly": (
        "retired former_ years_in_the ex-officer pensioniert ruhestand ehemalig früher_ jahre_polizei ancien_ "
        "honoraire à_la_retraite jubilado exinspector antiguo_ متقاعد سابقاً السابق كنت_قاضي"
    ),
    "asks_about_orders": (
        "did_the_police ask_about_me asking_about_me who_ordered which_authority name_it_ hat_die_polizei "
        "nach_mir_gefragt wer_hat_das welche_behörde welche_stelle haben_sie_die la_police_est-elle "
        "demandé_après_moi qui_vous_l'a quelle_autorité lequel_ laquelle_ preguntó_la_policía preguntado_la_policía "
        "quién_lo_ordenó qué_autoridad هل_سأل هل_طلبت أي_جهة من_أمر"
    ),
    "bought_or_family": (
        "my_husband my_wife my_boy my_child seller_never small_claims his_address parent mein_mann mein_bub "
        "verkäufer_liefert ladungsfähig eltern_ mon_mari mon_compagnon le_vendeur les_parents mi_marido mi_pareja "
        "el_vendedor los_padres زوجي خطيبي البائع ولي_الأمر الوالدين"
    ),
}
"""Group → stems, "_" for a space."""

NAMES = tuple(CUES)
_PAIRS = (
    ("police", "ask_data"),
    ("court", "order"),
    ("administration", "order"),
    ("offence", "ask_data"),
    ("law", "order"),
    ("technical", "offence"),
    ("formal", "ask_data"),
    ("administration", "remove"),
    ("mine", "complaint"),
    ("mine", "police"),
    ("rank", "ask_data"),
    ("police", "money"),
    ("private_right", "technical"),
    ("thirds_report", "remove"),
    ("diplomatic", "remove"),
    ("somebody_lost", "rank"),
    ("says_who_writes", "ask_data"),
    ("short_rank", "who_is_it"),
    ("public_body", "ask_data"),
    ("public_body", "remove"),
    ("emergency", "police"),
    ("private_professional", "order"),
    ("formerly", "police"),
)
_OFFICES = ("police", "prosecution", "court", "administration", "rank", "diplomatic")
_END_CHARACTERS = 80
"""Where letters of offices say who signs, and letters about them do not."""
COUNT = len(NAMES) + len(_PAIRS) + len(_OFFICES) + 4
_RUNS_MAX = 1 << 16
_MEAN_NOTHING: set[str] = set()


def folded(text: str) -> str:
    """Return the text in compatible forms, case folded, without marks above or below letters.

    People in a hurry leave accents out, and write one Arabic letter for its like; both are then met by the same stems.
    """
    compatible = unicodedata.normalize("NFKC", text).casefold()
    if compatible.isascii():
        return compatible
    return _MARKS.sub("", unicodedata.normalize("NFKD", compatible)).translate(_LIKE)


def cues_met(text: str) -> tuple[str, ...]:
    """Return the groups that a text (NFKC, case folded, digits as 0) meets, in the order of the table."""
    met = _met(text)
    return tuple([name for place, name in enumerate(NAMES) if met >> place & 1])


def _met(text: str) -> int:
    """Return the groups that a text meets, a bit each: looked up run by run between spaces, as most were met before."""
    met = 0
    # Bits are added up, so the order of the runs is nothing.
    for run in set(text.split()) - _MEAN_NOTHING:
        here, more = _of_run(run) if len(run) <= _RUN_KEPT else _of_run.__wrapped__(run)
        if not here and not more:
            _remember_nothing(run)
        met |= here
        for stem, whole, bit in more:
            if not met & bit and stem in text and _begins_word(text, stem, whole=whole):
                met |= bit
    if _ARABIC.search(text):
        for bit, pattern in _stems()[1]:
            if not met & bit and pattern.search(text):
                met |= bit
    return met


def _remember_nothing(run: str) -> None:
    """Keep a run that meets nothing, as most do, so that it is left out at once the next time."""
    if len(_MEAN_NOTHING) >= _RUNS_MAX:
        _MEAN_NOTHING.clear()
    if len(run) <= _RUN_KEPT:
        _MEAN_NOTHING.add(run)


@lru_cache(maxsize=_RUNS_MAX)
def _of_run(run: str) -> "tuple[int, tuple[_Stem, ...]]":
    """Return what the stems that begin words of a run (without spaces) meet, and stems of more words that may."""
    met, more = 0, []
    stems = _stems()[0]
    for found in _BEGINS.finditer(run):
        at = found.start()
        for letters in {run[at : at + size] for size in (1, 2, 3)}:
            for stem, whole, bit in stems.get(letters, ()):
                first, space, _ = stem.partition(" ")
                if space:
                    if run[at:] == first:
                        more.append((stem, whole, bit))
                elif run.startswith(stem, at) and (not whole or _ends_word(run, at + len(stem))):
                    met |= bit
    return met, tuple(more)


def _begins_word(text: str, stem: str, *, whole: bool) -> bool:
    """Tell whether a stem stands somewhere at the beginning of a word, and at the end of one if it is to be whole."""
    at = text.find(stem)
    while at >= 0:
        if (at == 0 or not _is_letter(text[at - 1])) and (not whole or _ends_word(text, at + len(stem))):
            return True
        at = text.find(stem, at + 1)
    return False


def _ends_word(text: str, at: int) -> bool:
    """Tell whether a word ends before this place or begins at it, as a word boundary of expressions does."""
    return at >= len(text) or _is_letter(text[at - 1]) != _is_letter(text[at])


def _is_letter(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def cue_features(text: str) -> list[float]:
    """Return COUNT numbers, 0 or 1: groups, pairs of groups, offices at the end, law, file number, questions."""
    last = text[-_END_CHARACTERS:]
    asks = "?" in last or "؟" in last
    # Both expressions look for digits, which stand as 0 in the text.
    digits = "0" in text
    law, file_number = digits and bool(_CITATION.search(text)), digits and bool(_FILE_NUMBER.search(text))
    return list(_features(_met(text), _met(last), law, file_number, asks))


@lru_cache(maxsize=4096)
def _features(found: int, at_end: int, law: bool, file_number: bool, asks: bool) -> tuple[float, ...]:
    met = {name for place, name in enumerate(NAMES) if found >> place & 1}
    end = {name for place, name in enumerate(NAMES) if at_end >> place & 1}
    single = [float(name in met) for name in NAMES]
    pairs = [float(one in met and other in met) for one, other in _PAIRS]
    signed = [float(name in end) for name in _OFFICES]
    mine_only = "mine" in met and not met & {"rank", "prosecution", "law"}
    return (*single, *pairs, *signed, float(law), float(file_number), float(asks), float(mine_only))


_CITATION = re.compile(r"(?:§+|art(?:icle|ikel|iculo|\.)?|section|الماده|ст\.|l\.)\s?[a-z]?\.?\s?0")
_FILE_NUMBER = re.compile(r"\b[a-z0]{1,6}[-/ ]?0+[-/]0+|\b0{3,}/0+\b|\b0+ [a-z]{1,3} 0+/0+")


_MARKS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u0670]")
_LIKE = str.maketrans("ةىٱ", "هيا")
_BEGINS = re.compile(r"(?<!\w)\S")
_ARABIC = re.compile("[\u0600-\u06ff]")
_RUN_KEPT = 32
"""Longer runs are nobody's words: what strangers make up is not remembered."""
_SHORT = frozenset(
    {"me", "my", "ma", "mes", "mon", "mi", "mis", "act", "ip", "auto", "soy", "moi", "mir", "amt", "fir", "pay"}
)
"""Stems that are words of their own only."""
_Stem = tuple[str, bool, int]
"""Its letters, whether a word must end behind it, and its group's bit."""


@cache
def _stems() -> tuple[dict[str, tuple[_Stem, ...]], tuple[tuple[int, re.Pattern[str]], ...]]:
    """Return stems by the first three letters of their first word, and an expression for a group's Arabic ones."""
    beginning: dict[str, tuple[_Stem, ...]] = {}
    arabic = []
    for place, stems in enumerate(CUES.values()):
        inside = []
        for stem in stems.split():
            letters, whole = folded(stem.rstrip("_").replace("_", " ")), stem.endswith("_") or stem in _SHORT
            if "\u0600" <= letters[0] <= "\u06ff":
                inside.append(re.escape(letters) + (r"\b" if whole else ""))
            else:
                first = letters.partition(" ")[0][:3]
                beginning[first] = (*beginning.get(first, ()), (letters, whole, 1 << place))
        if inside:
            begin = r"(?<!\w)(?:[ولفبك]{0,2}(?:ال)?|لل)(?:"
            arabic.append((1 << place, re.compile(begin + "|".join(inside) + ")")))
    return beginning, tuple(arabic)
