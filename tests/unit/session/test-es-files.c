/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files may only go in-band. */
#include "es-files.h"
#include "es-forge.h"

#define IBB "http://jabber.org/protocol/ibb"
#define SOCKS "http://jabber.org/protocol/bytestreams"
#define OPTION(way) "<option><value>" way "</value></option>"
#define FIELD(inside) "<field var='stream-method' type='list-single'>" inside "</field>"
#define SI(type, fields)                                                                                               \
  "<iq type='" type "' id='i'><si xmlns='http://jabber.org/protocol/si' id='s' "                                       \
  "profile='http://jabber.org/protocol/si/profile/file-transfer'><file "                                               \
  "xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='f' size='1'/><feature "                           \
  "xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>" fields                        \
  "</x></feature></si></iq>"

static const struct
{
  const char *iq, *expected; /* NULL: nothing is left */
} ways[] = {
  { SI ("set", FIELD (OPTION (SOCKS) OPTION (IBB))), SI ("set", FIELD (OPTION (IBB))) },
  { SI ("set", FIELD (OPTION (IBB) OPTION (SOCKS) OPTION ("urn:xmpp:unknown"))), SI ("set", FIELD (OPTION (IBB))) },
  { SI ("set", FIELD (OPTION (" " IBB "\n"))), SI ("set", FIELD (OPTION (" " IBB "\n"))) },
  { SI ("set", FIELD ("<option label='x'/>" OPTION (IBB) "<value>" SOCKS "</value>")),
    SI ("set", FIELD (OPTION (IBB))) },
  { SI ("set", FIELD (OPTION (IBB)) FIELD (OPTION (SOCKS))), SI ("set", FIELD (OPTION (IBB)) FIELD ("")) },
  { SI ("set", "<field var='other'>" OPTION (SOCKS) "</field>" FIELD (OPTION (IBB))),
    SI ("set", "<field var='other'>" OPTION (SOCKS) "</field>" FIELD (OPTION (IBB))) },
  { SI ("set", FIELD (OPTION (SOCKS))), NULL },
  { SI ("set", FIELD ("")), NULL },
  { SI ("set", ""), NULL },
  { "<iq type='set'><si xmlns='http://jabber.org/protocol/si'/></iq>", NULL },
  { "<iq type='set'><si xmlns='http://jabber.org/protocol/si'><feature "
    "xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='urn:other'>" FIELD (
        OPTION (IBB)) "</x></feature></si></iq>",
    NULL },
  { SI ("result", FIELD ("<value>" IBB "</value>")), SI ("result", FIELD ("<value>" IBB "</value>")) },
  { SI ("result", FIELD ("<value>" SOCKS "</value>")), NULL },
};

START_TEST (files__restrict__leaves_one_way)
{
  g_autoptr (EsXml) iq = forge_parse (ways[_i].iq);
  g_autoptr (EsXml) expected = ways[_i].expected != NULL ? forge_parse (ways[_i].expected) : NULL;

  ck_assert_int_eq (es_files_restrict (iq), expected != NULL);
  if (expected != NULL)
    ck_assert (es_xml_equal (iq, expected));
  ck_assert (expected == NULL || strcmp (ways[_i].iq, ways[_i].expected) != 0 || es_files_restrict (iq));
}
END_TEST

START_TEST (files__kind__of_iqs)
{
  static const struct
  {
    const char *iq;
    EsFileKind kind;
  } kinds[] = {
    { SI ("set", ""), ES_FILE_OFFER },
    { SI ("result", ""), ES_FILE_ANSWER },
    { SI ("get", ""), ES_FILE_OFFER },
    { SI ("error", ""), ES_FILE_NONE },
    { "<iq type='set'><si xmlns='urn:other'/></iq>", ES_FILE_NONE },
    { "<iq type='set'><query xmlns='" SOCKS "'/></iq>", ES_FILE_PAST },
    { "<iq type='set'><query xmlns='jabber:iq:oob'/></iq>", ES_FILE_PAST },
    { "<iq type='set'><open xmlns='" IBB "'/></iq>", ES_FILE_NONE },
    { "<iq type='get'/>", ES_FILE_NONE },
    { "<iq type='set'><close xmlns='" IBB "' sid='s'/></iq>", ES_FILE_END },
    { "<iq type='result'><close xmlns='" IBB "' sid='s'/></iq>", ES_FILE_NONE },
    { "<iq type='set'><close xmlns='" IBB "'/></iq>", ES_FILE_NONE },
    { "<iq type='set'><close xmlns='" IBB "' sid='s' more='x'/></iq>", ES_FILE_NONE },
    { "<iq type='set'><close xmlns='" IBB "' sid='s'>x</close></iq>", ES_FILE_NONE },
    { "<iq type='set'><close xmlns='" IBB "' sid='s'/><x/></iq>", ES_FILE_NONE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (EsXml) iq = forge_parse (kinds[i].iq);

      ck_assert_int_eq (es_files_kind (iq), kinds[i].kind);
    }
}
END_TEST

START_TEST (files__stream__by_its_id)
{
  static const struct
  {
    const char *iq, *stream;
  } streams[] = {
    { SI ("set", ""), "s" },
    { "<iq><open xmlns='" IBB "' sid='a'/></iq>", "a" },
    { "<iq><data xmlns='" IBB "' sid='b'/></iq>", "b" },
    { "<iq><close xmlns='" IBB "' sid='c'/></iq>", "c" },
    { "<iq><data xmlns='" IBB "'/></iq>", NULL },
    { "<iq><data xmlns='urn:other' sid='b'/></iq>", NULL },
    { "<iq/>", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      g_autoptr (EsXml) iq = forge_parse (streams[i].iq);

      ck_assert_pstr_eq (es_files_stream (iq), streams[i].stream);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("files");
  TCase *tcase = tcase_create ("files");

  tcase_add_loop_test (tcase, files__restrict__leaves_one_way, 0, G_N_ELEMENTS (ways));
  tcase_add_test (tcase, files__kind__of_iqs);
  tcase_add_test (tcase, files__stream__by_its_id);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
