/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of iqs and presence is private. */
#include "es-forge.h"
#include "es-privacy.h"

typedef struct
{
  const char *stanza;
  gboolean is_private;
} Case;

#define FULL "to='bob@example.com/laptop'"
#define BARE "to='bob@example.com'"

static const Case cases[] = {
  { "<iq type='get' " FULL "><query xmlns='http://jabber.org/protocol/disco#info'/></iq>", FALSE },
  { "<iq type='get' " FULL "><query xmlns='http://jabber.org/protocol/disco#items' node='x'/></iq>", FALSE },
  { "<iq type='result' " FULL "><query xmlns='http://jabber.org/protocol/disco#info'><feature var='f'/>"
    "<x xmlns='jabber:x:data' type='result'/></query></iq>",
    FALSE },
  { "<iq type='get' " FULL "><ping xmlns='urn:xmpp:ping'/></iq>", FALSE },
  { "<iq type='get' " FULL "><query xmlns='jabber:iq:version'/></iq>", FALSE },
  { "<iq type='get' " FULL "><query xmlns='jabber:iq:last'/></iq>", FALSE },
  { "<iq type='get' " FULL "><time xmlns='urn:xmpp:time'/></iq>", FALSE },
  { "<iq type='get' " FULL "><query xmlns='jabber:iq:time'/></iq>", FALSE },
  { "<iq type='set' " FULL "><query xmlns='jabber:iq:roster'/></iq>", FALSE },
  { "<iq type='get' " FULL "><c xmlns='http://jabber.org/protocol/caps'/></iq>", FALSE },
  { "<iq type='result' " FULL "/>", FALSE },
  { "<iq type='result' " FULL "> stray text </iq>", FALSE },
  { "<iq type='error' " FULL "><error type='cancel'><x/></error></iq>", FALSE },
  { "<iq type='error' " FULL "><ping xmlns='urn:xmpp:ping'/><error type='cancel'/></iq>", FALSE },
  { "<iq type='get' " BARE "><vCard xmlns='vcard-temp'/></iq>", FALSE },
  { "<iq type='get' " BARE "><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub></iq>",
    FALSE },

  { "<iq type='set' " FULL "><si xmlns='http://jabber.org/protocol/si'/></iq>", TRUE },
  { "<iq type='set' " FULL "><open xmlns='http://jabber.org/protocol/ibb'/></iq>", TRUE },
  { "<iq type='set' " FULL "><query xmlns='http://jabber.org/protocol/bytestreams'/></iq>", TRUE },
  { "<iq type='set' " FULL "><jingle xmlns='urn:xmpp:jingle:1'/></iq>", TRUE },
  { "<iq type='get' " FULL "><vCard xmlns='vcard-temp'/></iq>", TRUE },
  { "<iq type='set' " BARE "><vCard xmlns='vcard-temp'/></iq>", TRUE },
  { "<iq type='set' " BARE "><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>", TRUE },
  { "<iq type='get' " BARE "><query xmlns='jabber:iq:private'/></iq>", TRUE },
  { "<iq type='get'><vCard xmlns='vcard-temp'/></iq>", TRUE },
  { "<iq type='set' " FULL "><x xmlns='jabber:x:data'/></iq>", TRUE },
  { "<iq type='set' " FULL "><query xmlns='jabber:iq:gateway'/></iq>", TRUE },
  { "<iq type='set' " FULL "><command xmlns='http://jabber.org/protocol/commands'/></iq>", TRUE },
  { "<iq type='get' " FULL "><anything xmlns='urn:unknown'/></iq>", TRUE },
  { "<iq type='get' " FULL "><query/></iq>", TRUE },
  { "<iq type='get' " FULL "><ping xmlns='urn:xmpp:ping'/><si xmlns='http://jabber.org/protocol/si'/></iq>", TRUE },
  { "<iq type='get' " FULL "><ping xmlns='urn:xmpp:ping/'/></iq>", TRUE },
  { "<iq type='error' " FULL "><si xmlns='http://jabber.org/protocol/si'/><error type='cancel'/></iq>", TRUE },

  { "<presence " FULL "/>", FALSE },
  { "<presence " FULL "><show>away</show><priority>1</priority><status/><status> \n</status></presence>", FALSE },
  { "<presence " FULL "><c xmlns='http://jabber.org/protocol/caps' node='n' ver='v'/>"
    "<x xmlns='vcard-temp:x:update'><photo>00ff</photo></x><delay xmlns='urn:xmpp:delay'/>"
    "<idle xmlns='urn:xmpp:idle:1'/></presence>",
    FALSE },
  { "<presence " FULL "><status>at the doctor's</status></presence>", TRUE },
  { "<presence type='unavailable' " FULL "><status>gone</status></presence>", TRUE },
  { "<presence " FULL "><geoloc xmlns='http://jabber.org/protocol/geoloc'/></presence>", TRUE },
  { "<presence " FULL "><nick xmlns='http://jabber.org/protocol/nick'>n</nick></presence>", TRUE },
  { "<presence " FULL "><priority xmlns='urn:other'>1</priority></presence>", TRUE },
};

START_TEST (privacy__is_private__as_listed)
{
  g_autoptr (EsXml) stanza = forge_parse (cases[_i].stanza);
  const char *to = es_xml_attribute (stanza, "to");

  ck_assert_int_eq (es_privacy_is_private (stanza, to != NULL ? es_at (to) : NULL), cases[_i].is_private);
}
END_TEST

START_TEST (privacy__is_of_room__by_its_namespaces)
{
  g_autoptr (EsXml) join = forge_parse ("<presence " FULL "><x xmlns='http://jabber.org/protocol/muc'/></presence>"),
                    owner = forge_parse ("<iq " BARE "><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>"),
                    other = forge_parse ("<presence " FULL "><status>x</status></presence>");

  ck_assert (es_privacy_is_of_room (join));
  ck_assert (es_privacy_is_of_room (owner));
  ck_assert (!es_privacy_is_of_room (other));
}
END_TEST

START_TEST (privacy__types__of_iqs)
{
  ck_assert (es_privacy_is_question ("get") && es_privacy_is_question ("set"));
  ck_assert (es_privacy_is_answer ("result") && es_privacy_is_answer ("error"));
  ck_assert (!es_privacy_is_question (NULL) && !es_privacy_is_answer (NULL));
  ck_assert (!es_privacy_is_question ("result") && !es_privacy_is_answer ("set"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("privacy");
  TCase *tcase = tcase_create ("privacy");

  tcase_add_loop_test (tcase, privacy__is_private__as_listed, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tcase, privacy__is_of_room__by_its_namespaces);
  tcase_add_test (tcase, privacy__types__of_iqs);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
