#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""translations.py finds each kind of fault in made-up files, and nothing in good ones."""
from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import translations

SOURCE = '''/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
const char *texts[] = {
  N_ ("_Start"),
  N_ ("_Verify..."),
  N_ ("%s has sent %s."),
  /* Translators: At the door. */
  N_ ("Who is there?"),
  N_ ("Code: "),
};
const char *part = N_ ("_Send");
const char *whole = N_ ("_Encryption");
const char *many (int n) { return g_dngettext (GETTEXT_PACKAGE, "%u message waits.", "%u messages wait.", n); }
'''
KEYS = "[menu]\n_Start\n_Verify...\n\n[window]\n_Encryption\n\n[window/part]\n_Send\n"
HEADER = '''msgid ""
msgstr ""
"Project-Id-Version: pidgin-esession\\n"
"PO-Revision-Date: 2026-01-01 00:00+0000\\n"
"Last-Translator: Somebody <somebody@example.org>\\n"
"Language-Team: none\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

'''
BODY = '''msgid "_Start"
msgstr "{start}"

msgid "_Verify..."
msgstr "{verify}"

#, c-format
msgid "%s has sent %s."
msgstr "{sent}"

msgid "Who is there?"
msgstr "{who}"

msgid "Code: "
msgstr "{code}"

msgid "_Send"
msgstr "{send}"

msgid "_Encryption"
msgstr "{encryption}"

#, c-format
msgid "%u message waits."
msgid_plural "%u messages wait."
'''
GERMAN = {"start": "_Beginnen", "verify": "_Prüfen...", "sent": "%s hat %s gesendet.", "who": "Wer ist da?",
          "code": "Code: ", "send": "_Senden", "encryption": "_Verschlüsselung",
          "forms": ["%u Nachricht wartet.", "%u Nachrichten warten."], "plural": "nplurals=2; plural=(n != 1);"}
CHINESE = {"start": "开始(_S)", "verify": "验证(_V)…", "sent": "%2$s 由 %1$s 发送。", "who": "谁在那里？", "code": "代码： ",
           "send": "发送(_D)", "encryption": "加密(_E)", "forms": ["%u 条消息在等待。"], "plural": "nplurals=1; plural=0;"}
ARABIC = {"start": "ا_بدأ", "verify": "_تحقق...", "sent": "أرسل %s الملف %s.", "who": "من هناك؟", "code": "الرمز: ",
          "send": "أ_رسل", "encryption": "ال_تعمية",
          "forms": ["لا تنتظر %u رسالة.", "تنتظر رسالة واحدة.", "تنتظر رسالتان.", "تنتظر %u رسائل.", "تنتظر %u رسالة.",
                    "تنتظر %u رسالة."],
          "plural": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;"}


def po(language: str, words: dict, **changes: object) -> str:
    words = words | changes
    forms = "".join(f'msgstr[{number}] "{form}"\n' for number, form in enumerate(words["forms"]))
    return (HEADER + BODY).format(language=language, **words) + forms


class Faults(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "po").mkdir()
        (self.root / "src").mkdir()
        (self.root / "src" / "a.c").write_text(SOURCE)
        (self.root / "po" / "POTFILES.in").write_text("src/a.c\n")
        (self.root / "po" / "LINGUAS").write_text("")
        (self.root / "po" / "KEYS").write_text(KEYS)
        options = (translations.ROOT / "po" / "meson.build").read_text()
        (self.root / "po" / "meson.build").write_text(options)
        translations.update(self.root)

    def write(self, language: str, text: str) -> list[str]:
        (self.root / "po" / "LINGUAS").write_text(language)
        (self.root / "po" / f"{language}.po").write_text(text)
        return translations.check(self.root)

    def finds(self, problem: str, language: str = "de", words: dict = GERMAN, **changes: object) -> None:
        problems = self.write(language, po(language, words, **changes))
        self.assertTrue(any(problem in line for line in problems), problems)

    def test_good_ones(self) -> None:
        self.assertEqual(translations.check(self.root), [])
        for language, words in {"de": GERMAN, "zh_CN": CHINESE, "ar": ARABIC}.items():
            self.assertEqual(self.write(language, po(language, words)), [])
            (self.root / "po" / f"{language}.po").unlink()

    def test_untranslated(self) -> None:
        self.finds("'Who is there?' is not translated", who="")
        self.finds("'%u message waits.' is not translated", forms=["%u Nachricht wartet.", ""])

    def test_string_that_is_not_there(self) -> None:
        text = po("de", GERMAN).replace('msgid "_Send"\nmsgstr "_Senden"\n', "")
        self.assertIn("de.po: '_Send' is not translated: " + translations.UPDATE, self.write("de", text))

    def test_fuzzy(self) -> None:
        text = po("de", GERMAN).replace('msgid "_Start"', '#, fuzzy\nmsgid "_Start"')
        self.assertIn("de.po: '_Start' is fuzzy: look at it, and take the mark away", self.write("de", text))

    def test_format(self) -> None:
        self.finds("msgfmt", sent="%s hat gesendet.")
        self.finds("msgfmt", sent="%s hat %d gesendet.")
        self.finds("msgfmt", sent="%1$s hat %3$s gesendet.")
        self.finds("msgfmt", sent="%1$s hat %s gesendet.")
        self.finds("msgfmt", forms=["%u Nachricht wartet.", "Viele Nachrichten warten."])

    def test_syntax(self) -> None:
        self.assertTrue(any("msgfmt" in line for line in self.write("de", po("de", GERMAN) + '\nmsgid "open\n')))

    def test_header(self) -> None:
        self.finds("the header's Language is not fr", language="fr",
                   words={**GERMAN, "plural": "nplurals=2; plural=n > 1;\\n\"\n\"Language: de"})
        text = po("de", GERMAN).replace("Somebody <somebody@example.org>", "FULL NAME <EMAIL@ADDRESS>")
        self.assertTrue(any("msgfmt" in line for line in self.write("de", text)))

    def test_plural(self) -> None:
        self.finds("the plural forms are not those of de", plural="nplurals=2; plural=n > 1;")
        self.finds("the plural forms are not those of de", plural="nplurals=1; plural=0;", forms=["%u Nachrichten."])
        self.finds("the plural forms are not those of de", plural="nplurals=INTEGER; plural=EXPRESSION;")
        self.finds("msgfmt", forms=["%u Nachricht wartet."])
        self.finds("1 plural forms instead of 2", forms=["%u Nachricht wartet."])
        self.finds("the plural forms of xx are unknown", language="xx")

    def test_keys(self) -> None:
        self.finds("'Beginnen' has no key", start="Beginnen")
        self.finds("'_Be_ginnen' has no key, or more than one", start="_Be_ginnen")
        self.finds("'_Wer ist da?' has a key", who="_Wer ist da?")
        self.finds("'_Verify...' and '_Start' have the same key 'p' in menu", start="Be_pinnen")
        self.finds("'_Send' and '_Encryption' have the same key 'v' in window/part", send="_Von hier")

    def test_keys_of_pidgin(self) -> None:
        path = self.root / "po" / "de.po"
        self.write("de", po("de", GERMAN))
        entries = translations.parse((self.root / "po" / "pidgin-esession.pot").read_text())
        problems = translations.check_po(path, entries, translations.read_places(self.root), {"window": ["/_Verlauf"]})
        self.assertEqual(problems, ["de.po: '_Encryption' and '/_Verlauf' have the same key 'v' in window"])

    def test_keys_of_the_original(self) -> None:
        source = self.root / "src" / "a.c"
        source.write_text(SOURCE.replace("_Verify", "Verify it _soon"))
        (self.root / "po" / "KEYS").write_text(KEYS.replace("_Verify", "Verify it _soon"))
        translations.update(self.root)
        problems = translations.check(self.root)
        self.assertEqual(problems, ["'Verify it _soon...' and '_Start' have the same key 's' in menu"])

    def test_places(self) -> None:
        (self.root / "po" / "KEYS").write_text(KEYS.replace("_Send", "_Receive"))
        self.assertEqual(translations.check(self.root), ["'_Send' has a key: say in po/KEYS with what it is on the screen",
                                                         "po/KEYS has '_Receive', which no source has"])

    def test_endings(self) -> None:
        self.finds("ends in nothing instead of ellipsis", verify="_Prüfen")
        self.finds("ends in nothing instead of stop", sent="%s hat %s gesendet")
        self.finds("ends in stop instead of question", who="Wer ist da.")
        self.finds("ends in stop instead of nothing", start="_Beginnen.")
        self.finds("ends in exclamation mark instead of question", who="Wer ist da!")
        self.finds("ends in foreign mark instead of stop", "zh_CN", CHINESE, sent="%2$s 由 %1$s 发送.")
        self.finds("ends in foreign mark instead of question", "ar", ARABIC, who="من هناك?")

    def test_direction(self) -> None:
        self.finds("begins from left to right", "ar", ARABIC, code="X (إكس): ")
        self.finds("begins from left to right", "ar", ARABIC, sent="(Pidgin) أرسل %s الملف %s.")

    def test_spaces(self) -> None:
        self.finds("has other spaces at its ends", code="Code:")
        self.finds("has other spaces at its ends", who=" Wer ist da?")

    def test_languages(self) -> None:
        (self.root / "po" / "LINGUAS").write_text("fr")
        self.assertIn("po/LINGUAS has fr, but there is no fr.po", translations.check(self.root))
        self.write("de", po("de", GERMAN))
        (self.root / "po" / "LINGUAS").write_text("")
        self.assertIn("de.po is not in po/LINGUAS", translations.check(self.root))

    def test_template(self) -> None:
        source = self.root / "src" / "a.c"
        source.write_text(SOURCE.replace("Who is there?", "Who is here?"))
        problems = translations.check(self.root)
        self.assertIn(f"the template lacks 'Who is here?': {translations.UPDATE}", problems)
        self.assertIn(f"the template has 'Who is there?', which no source has: {translations.UPDATE}", problems)
        source.write_text(SOURCE.replace("At the door.", "At the gate."))
        self.assertTrue(any("another comment" in line for line in translations.check(self.root)))
        source.write_text("\n\n" + SOURCE)
        self.assertEqual(translations.check(self.root), [])

    def test_files(self) -> None:
        (self.root / "src" / "b.c").write_text('static const char *text (void) { return _ ("New"); }\n')
        self.assertIn("po/POTFILES.in lacks src/b.c", translations.check(self.root))
        (self.root / "src" / "b.c").write_text("int none;\n")
        (self.root / "po" / "POTFILES.in").write_text("src/a.c\nsrc/b.c\n")
        self.assertEqual(translations.check(self.root), ["po/POTFILES.in: src/b.c has no strings"])

    def test_metainfo(self) -> None:
        """What software centres show is translated, but not the notes of releases."""
        (self.root / "data").mkdir()
        name = "data/a.metainfo.xml.in"
        (self.root / name).write_text("<component><id>a</id><name>Sessions</name><summary>Hides things</summary>"
                                      "<screenshots><screenshot><caption>A picture</caption></screenshot></screenshots>"
                                      "<releases><release><description translate='no'><p>News</p></description></release></releases>"
                                      "</component>")
        self.assertEqual(translations.check(self.root), [f"po/POTFILES.in lacks {name}"])
        (self.root / "po" / "POTFILES.in").write_text(f"{name}\nsrc/a.c\n")
        translations.update(self.root)
        self.assertEqual(translations.check(self.root), [])
        entries = translations.parse((self.root / "po" / "pidgin-esession.pot").read_text())
        self.assertEqual([entry.id for entry in entries if entry.files == [name]], ["Sessions", "Hides things", "A picture"])

    def test_domain(self) -> None:
        (self.root / "src" / "a.c").write_text(SOURCE.replace("g_dngettext (GETTEXT_PACKAGE, ", "ngettext ("))
        self.assertTrue(any("use g_dngettext" in line for line in translations.check(self.root)))

    def test_macros(self) -> None:
        (self.root / "src" / "a.c").write_text(SOURCE + 'const char *x = N_ ("Number %" G_GINT64_FORMAT);\n')
        translations.update(self.root)
        self.assertTrue(any("'Number %' is cut off" in line for line in translations.check(self.root)))

    def test_update_keeps_what_is_translated(self) -> None:
        self.write("de", po("de", GERMAN))
        source = self.root / "src" / "a.c"
        source.write_text(SOURCE.replace("Who is there?", "Where are you?"))
        translations.update(self.root)
        self.assertIn('msgstr "_Beginnen"', (self.root / "po" / "de.po").read_text())
        problems = translations.check(self.root)
        self.assertTrue(problems and all("Where are you?" in line for line in problems), problems)


if __name__ == "__main__":
    unittest.main()
