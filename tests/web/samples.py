"""Screens of the web chat as threads: what every look at them (axe, pictures, tests) begins with."""

from datetime import UTC, datetime

from intakebot.channels.webchat.thread import Thread
from intakebot.core.events import Button, Expects, Message, Sender
from intakebot.core.events import Line as ReadBack
from intakebot.core.session import ContactCard, Outcome, Session, Tongue
from intakebot.store.outgoing import Author, Line
from intakebot.words import Catalogues

AT = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
NL, AR = Tongue(lang="nl"), Tongue(lang="ar")
LATER = ("/skip", "/change", "/help", "/person", "/language", "/restart", "/stop")


class Talking:
    """Builds a thread message by message, in one tongue."""

    def __init__(self, words: Catalogues, tongue: Tongue) -> None:
        self.words = words
        self.tongue = tongue
        self.entries: list[Line] = []

    def nl(self, dutch: str, arabic: str) -> str:
        return dutch if self.tongue.lang == "nl" else arabic

    def add(self, author: Author, message: Message) -> "Talking":
        nth = len(self.entries) + 1
        self.entries.append(
            Line(
                nth=nth,
                at=AT,
                author=author,
                via="web",
                state="shown",
                dkey=str(nth),
                message=message,
                attachment=None,
            )
        )
        return self

    def bot(self, text: str, **more: object) -> "Talking":
        return self.add("bot", Message(text=text, tongue=self.tongue, **more))  # type: ignore[arg-type]  # fields of Message

    def own(self, text: str) -> "Talking":
        return self.add("inhabitant", Message(text=text, tongue=self.tongue))

    def asks(self, text: str, *own: Button, expects: Expects, **more: object) -> "Talking":
        say = self.words.say
        moves = tuple(
            Button(id=it, label=say(self.tongue, f"move.{it[1:]}"), quiet=it in LATER)
            for it in ("/unsafe", "/back", "/more", *LATER)
        )
        prompt = f"{len(self.entries)}x"
        return self.bot(
            text, buttons=own + moves, expects=expects, prompt=prompt, question="q", **more
        )

    def thread(self, **session: object) -> Thread:
        known: dict[str, object] = {"asked": "q", "tongue": self.tongue} | session
        return Thread(
            session=Session(id="s", flow="f", revision="1", started_at=AT, **known),  # type: ignore[arg-type]  # fields of Session
            entries=tuple(self.entries),
        )


def picker(words: Catalogues) -> Message:
    tongues = (NL, Tongue(lang="nl", level="A2"), Tongue(lang="en"), AR)
    return Message(
        text="\n".join(dict.fromkeys(words.say(it, "picker.title") for it in tongues)),
        tongue=NL,
        buttons=tuple(
            Button(
                id=f"{it.lang}-A2" if it.level else it.lang,
                label=words.say(it, "picker.name"),
                lang=it.lang,
            )
            for it in tongues
        ),
        expects=Expects.CHOICE,
        prompt="0x",
    )


def begun(words: Catalogues, tongue: Tongue) -> Talking:
    told = Talking(words, tongue)
    told.own(words.say(tongue, "picker.name"))
    told.bot(
        told.nl(
            "Ik ben een computer, geen mens. Een mens leest uw verhaal en beslist. Bij gevaar: bel 112.",
            "أنا حاسوب ولست إنسانًا. إنسان يقرأ قصتك ويقرر. عند الخطر: اتصل بالرقم \u2066112\u2069.",
        )
    )
    return told.bot(
        told.nl(
            "Wij gebruiken uw verhaal alleen om u te helpen. U mag elke vraag overslaan.",
            "نستخدم قصتك لمساعدتك فقط. يمكنك تخطي أي سؤال.",
        )
    )


def choice(words: Catalogues, tongue: Tongue) -> Thread:
    told = begun(words, tongue)
    labels = (
        ("Voor mij", "لي"),
        ("Voor mij en mijn gezin", "لي ولعائلتي"),
        ("Voor iemand anders", "لشخص آخر"),
    )
    own = tuple(Button(id=str(i), label=told.nl(*it)) for i, it in enumerate(labels))
    asked = told.nl("Voor wie vraagt u hulp?", "لمن تطلب المساعدة؟")
    return told.asks(asked, *own, expects=Expects.CHOICE).thread()


def story(words: Catalogues, tongue: Tongue) -> Thread:
    told = begun(words, tongue).own(_gezin(tongue))
    done = Button(id="klaar", label=words.say(tongue, "answer.klaar"))
    told.asks(
        told.nl(
            "Vertel wat er is. Typ of spreek. Druk op Klaar als u klaar bent.",
            "احكِ لنا ماذا حدث. اكتب أو تكلم. اضغط «انتهيت» عندما تنتهي.",
        ),
        done,
        expects=Expects.TEXT,
    )
    told.own(
        told.nl(
            "We wonen sinds 3 weken in Lichtenvoorde. Ik krijg brieven van het energiebedrijf.",
            "نسكن منذ ٣ أسابيع في Lichtenvoorde. تصلني رسائل من شركة الطاقة.",
        )
    )
    return told.asks(
        told.nl(
            "Ik luister. Is er nog meer? Druk anders op Klaar.",
            "أنا أستمع. هل هناك المزيد؟ أو اضغط «انتهيت».",
        ),
        done,
        expects=Expects.TEXT,
    ).thread()


def domains(words: Catalogues, tongue: Tongue) -> Thread:
    told = Talking(words, tongue)
    told.own(
        told.nl(
            "Ik heb nog geen uitkering en de huur is 2 maanden te laat.",
            "ليس لدي دخل بعد والإيجار متأخر شهرين.",
        )
    )
    told.own(words.say(tongue, "answer.klaar"))
    heard = (
        (
            ("Geld en schulden", "المال والديون"),
            ("de huur is 2 maanden te laat", "الإيجار متأخر شهرين"),
        ),
        (("Werk en opleiding", "العمل والدراسة"), ("ik was timmerman", "كنت نجارًا")),
        (("Nederlands leren", "تعلم الهولندية"), ("ik begrijp de brieven niet", "لا أفهم الرسائل")),
    )
    rest = (("Wonen", "السكن"), ("Gezondheid", "الصحة"), ("Relaties thuis", "العلاقات في البيت"))
    buttons = [
        Button(id=f"d{i}", label=told.nl(*label), proposed=True, note=told.nl(*note))
        for i, (label, note) in enumerate(heard)
    ]
    buttons += [Button(id=f"r{i}", label=told.nl(*label)) for i, label in enumerate(rest)]
    buttons.append(Button(id="klopt", label=words.say(tongue, "answer.klopt")))
    asked = told.nl("Gaat uw verhaal hierover? Kies wat klopt.", "هل قصتك عن هذا؟ اختر الصحيح.")
    return told.asks(asked, *buttons, expects=Expects.CHOICES).thread()


def phone(words: Catalogues, tongue: Tongue) -> Thread:
    told = Talking(words, tongue)
    told.asks(told.nl("Hoe mogen wij u noemen?", "كيف نناديك؟"), expects=Expects.TEXT)
    told.own(told.nl("Yusuf", "يوسف"))
    asked = told.nl(
        "Welk nummer is veilig om te bellen? Geen nummer? Dan kunt u hier schrijven.",
        "ما الرقم الآمن للاتصال بك؟ لا رقم لديك؟ يمكنك الكتابة هنا.",
    )
    return told.asks(asked, expects=Expects.PHONE).thread()


def read_back(words: Catalogues, tongue: Tongue) -> Thread:
    told = Talking(words, tongue)
    told.own("\u206606 12345678\u2069" if tongue == AR else "06 12345678")
    lines = (
        ("taal", ("Taal", "اللغة"), (words.say(tongue, "picker.name"),) * 2),
        ("voor_wie", ("Voor wie", "لمن"), ("Voor mij en mijn gezin", "لي ولعائلتي")),
        ("verhaal", ("Het verhaal", "القصة"), ("We wonen sinds 3 weken in Lichtenvoorde. Ik krijg brieven van het energiebedrijf. Ik heb nog geen uitkering en de huur is 2 maanden te laat.", "نسكن منذ ٣ أسابيع في Lichtenvoorde. تصلني رسائل من شركة الطاقة.")),
        ("domeinen", ("Waar het over gaat", "عن ماذا"), ("Geld en schulden, Werk en opleiding, Nederlands leren", "المال والديون، العمل والدراسة")),
        ("postcode", ("Postcode", "الرمز البريدي"), ("7131 AB", "7131 AB")),
        ("naam", ("Hoe wij u noemen", "كيف نناديك"), ("Yusuf", "يوسف")),
        ("telefoon", ("Telefoon", "الهاتف"), ("+31612345678", "+31612345678")),
        ("tolk", ("Tolk", "مترجم"), ("Arabisch", "العربية")),
    )  # fmt: skip
    return told.asks(
        told.nl("Dit hebt u verteld. Klopt het? Dan sturen wij het naar het team.", "هذا ما قلته. هل هو صحيح؟ عندها نرسله إلى الفريق."),
        Button(id="ja", label=words.say(tongue, "answer.send")),
        Button(id="wijzig", label=words.say(tongue, "answer.change")),
        expects=Expects.CONFIRM,
        lines=tuple(ReadBack(question=key, label=told.nl(*label), value=told.nl(*value)) for key, label, value in lines),
    ).thread()  # fmt: skip


def card(words: Catalogues, tongue: Tongue) -> Thread:
    told = begun(words, tongue)
    told.own(
        told.nl("Ik durf niet naar huis, hij slaat mij.", "أخاف أن أعود إلى البيت، هو يضربني.")
    )
    told.bot(
        told.nl(
            "Dat klinkt zwaar. U staat er niet alleen voor.\nGevaar nu? Bel 112.\nThuis niet veilig? Bel Veilig Thuis: 0800-2000. Gratis, dag en nacht.\nPraten? Bel 113 of chat op 113.nl.",
            "هذا صعب. لست وحدك.\nخطر الآن؟ اتصل بالرقم \u2066112\u2069.\nلست آمنًا في البيت؟ اتصل بـ Veilig Thuis: \u20660800-2000\u2069. مجانًا ليلًا ونهارًا.",
        ),
        kind="card",
    )
    own = tuple(
        Button(id=it, label=words.say(tongue, f"aside.danger.{it}")) for it in ("ja", "nee")
    )
    return told.asks(words.say(tongue, "aside.danger"), *own, expects=Expects.CHOICE).thread()


def sent(words: Catalogues, tongue: Tongue) -> Talking:
    told = Talking(words, tongue)
    told.own(words.say(tongue, "answer.send"))
    return told.bot(
        told.nl(
            "Verstuurd op maandag 23 november. Uw nummer is IB-7K3Q-9M2X.\n\nSociaal team Oost Gelre belt u uiterlijk maandag 30 november. Zij bellen met een tolk Arabisch.\n\nU hebt nog geen uitkering aangevraagd. Bel daarvoor 0544-393535.\n\nGratis hulp van een cliëntondersteuner: 0544-397100.\nIntrekken kan altijd: typ intrekken.",
            "أُرسلت يوم الاثنين \u206623\u2069 نوفمبر. رقمك هو \u2066IB-7K3Q-9M2X\u2069.\n\nسيتصل بك فريق Sociaal team Oost Gelre في موعد أقصاه الاثنين \u206630\u2069 نوفمبر، مع مترجم عربي.\n\nلم تطلب إعانة بعد. اتصل بالرقم \u20660544-393535\u2069.\n\nللإلغاء: اكتب «إلغاء».",
        ),
        kind="request",
    )


def confirmation(words: Catalogues, tongue: Tongue) -> Thread:
    return sent(words, tongue).thread(asked=None, outcome=Outcome.SUBMITTED)


def member(words: Catalogues, tongue: Tongue) -> Thread:
    told = sent(words, tongue)
    told.bot(
        told.nl(
            "Marieke van sociaal team Oost Gelre las uw verhaal. Zij is uw vaste contactpersoon. Telefoon: 0544-393577.",
            "قرأت Marieke من Sociaal team Oost Gelre قصتك. هي جهة اتصالك. الهاتف: \u20660544-393577\u2069.",
        )
    )
    told.add(
        "member",
        Message(
            text=told.nl(
                "Dag Yusuf, ik bel u morgen om 10 uur, samen met een tolk. Kunt u de brieven erbij houden?",
                "Dag Yusuf, ik bel u morgen om 10 uur, samen met een tolk.",
            ),
            tongue=NL,
            sender=Sender(name="Marieke", line="Van Marieke:"),
            kind="member",
        ),
    )
    told.own(told.nl("Ja dat is goed. Dank u wel!", "نعم، جيد. شكرًا جزيلًا!"))
    contact = ContactCard(name="Marieke", phone="0544-393577", team="Sociaal team Oost Gelre")
    return told.thread(asked=None, outcome=Outcome.SUBMITTED, contact=contact)


def _gezin(tongue: Tongue) -> str:
    return "Voor mij en mijn gezin" if tongue.lang == "nl" else "لي ولعائلتي"


SCREENS = {
    "choice": choice,
    "story": story,
    "domains": domains,
    "phone": phone,
    "read_back": read_back,
    "card": card,
    "confirmation": confirmation,
    "member": member,
}
