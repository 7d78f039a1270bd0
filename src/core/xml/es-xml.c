/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml-private.h"

#include <string.h>

#include "es-secret.h"

static EsXmlAttribute *
attribute_new (const char *name, const char *namespace_, const char *value, gsize size)
{
  gsize name_size = strlen (name) + 1;
  EsXmlAttribute *attribute = g_malloc (sizeof *attribute + name_size + size + 1);

  attribute->next = NULL;
  attribute->namespace_ = namespace_ != NULL ? g_ref_string_new (namespace_) : NULL;
  attribute->value = attribute->name + name_size;
  memcpy (attribute->name, name, name_size);
  memcpy (attribute->value, value, size);
  attribute->value[size] = '\0';
  return attribute;
}

/* Text may be what somebody wrote in confidence, and so may a value be. */
static void
attribute_free (EsXmlAttribute *attribute)
{
  es_octets_wipe (attribute->value, strlen (attribute->value));
  g_clear_pointer (&attribute->namespace_, g_ref_string_release);
  g_free (attribute);
}

/* Takes over a reference to NAMESPACE. */
static EsXml *
element_new (const char *name, char *namespace_)
{
  gsize size = strlen (name) + 1;
  EsXml *xml = g_malloc (sizeof *xml + size);

  *xml = (EsXml){ .name = xml->inside, .namespace_ = namespace_ };
  memcpy (xml->inside, name, size);
  return xml;
}

EsXml *
es_xml_new (const char *name, const char *namespace_)
{
  return element_new (name, g_ref_string_new (namespace_));
}

EsXml *
es_xml_new_below (const EsXml *parent, const char *name, const char *namespace_)
{
  if (parent != NULL && strcmp (parent->namespace_, namespace_) == 0)
    return element_new (name, g_ref_string_acquire (parent->namespace_));
  return es_xml_new (name, namespace_);
}

void
es_xml_free (EsXml *xml)
{
  EsXmlAttribute *next = NULL;

  if (xml == NULL)
    return;
  for (EsXmlAttribute *attribute = xml->attributes; attribute != NULL; attribute = next)
    {
      next = attribute->next;
      attribute_free (attribute);
    }
  for (guint i = 0; i < xml->children.len; i++)
    es_xml_free (xml->children.pdata[i]);
  if (xml->children.pdata != xml->only)
    g_free (xml->children.pdata);
  if (xml->text != NULL)
    es_octets_wipe (xml->text, xml->length);
  g_free (xml->text);
  g_clear_pointer (&xml->namespace_, g_ref_string_release);
  g_free (xml);
}

/* What holds LENGTH octets and the NUL, and is outgrown seldom. */
static gsize
room_for (gsize length)
{
  return MAX (16, (gsize) 1 << g_bit_storage (length));
}

/* Without realloc (), which would leave the text behind where it was. */
static void
grow_text (EsXml *xml, const char *text, gsize size)
{
  gsize needed = room_for (xml->length + size);

  if (xml->text == NULL || needed != room_for (xml->length))
    {
      char *larger = g_malloc (needed);

      if (xml->text != NULL)
        {
          memcpy (larger, xml->text, xml->length);
          es_octets_wipe (xml->text, xml->length);
          g_free (xml->text);
        }
      xml->text = larger;
    }
  memcpy (xml->text + xml->length, text, size);
  xml->length += size;
  xml->text[xml->length] = '\0';
}

EsXml *
es_xml_copy (const EsXml *xml)
{
  EsXmlAttribute **end = NULL;
  EsXml *copy = NULL;

  if (xml->name == NULL)
    {
      copy = g_new0 (EsXml, 1);
      grow_text (copy, xml->text, xml->length);
      return copy;
    }

  copy = element_new (xml->name, g_ref_string_acquire (xml->namespace_));
  end = &copy->attributes;
  for (const EsXmlAttribute *attribute = xml->attributes; attribute != NULL; attribute = attribute->next)
    {
      *end = attribute_new (attribute->name, NULL, attribute->value, strlen (attribute->value));
      if (attribute->namespace_ != NULL)
        (*end)->namespace_ = g_ref_string_acquire (attribute->namespace_);
      end = &(*end)->next;
    }
  for (guint i = 0; i < xml->children.len; i++)
    {
      const EsXml *child = xml->children.pdata[i];

      es_xml_append (copy, es_xml_copy (child));
    }
  return copy;
}

const char *
es_xml_name (const EsXml *xml)
{
  return xml->name;
}

const char *
es_xml_namespace (const EsXml *xml)
{
  return xml->namespace_;
}

/* Asked of each child for each name that one could have: most differ in the first octet. */
gboolean
es_xml_is (const EsXml *xml, const char *name, const char *namespace_)
{
  return xml != NULL && xml->name != NULL && xml->name[0] == name[0] && strcmp (xml->name, name) == 0
         && (namespace_ == NULL || strcmp (xml->namespace_, namespace_) == 0);
}

EsXml *
es_xml_append (EsXml *parent, EsXml *child)
{
  GPtrArray *children = &parent->children;

  if (children->pdata == NULL)
    children->pdata = parent->only;
  else if (children->pdata == parent->only && children->len == 1)
    {
      children->pdata = g_new (gpointer, 2);
      children->pdata[0] = parent->only[0];
    }
  else if (children->pdata != parent->only && (children->len & (children->len - 1)) == 0)
    children->pdata = g_renew (gpointer, children->pdata, MAX (2, 2 * (gsize) children->len));
  children->pdata[children->len++] = child;
  return child;
}

EsXml *
es_xml_append_new (EsXml *parent, const char *name, const char *text)
{
  EsXml *child = es_xml_append (parent, element_new (name, g_ref_string_acquire (parent->namespace_)));

  if (text != NULL)
    es_xml_append_text (child, text, -1);
  return child;
}

/* XML 1.0 section 2.2. */
static gboolean
is_xml_char (gunichar c)
{
  return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd)
         || (c >= 0x10000 && c <= 0x10ffff);
}

/* Whether all of it is UTF-8 that XML can hold; a quick look, as nearly all text passes. */
static gboolean
is_valid (const char *text, gsize size)
{
  gsize plain = 0;

  /* Base64 and most of what people write. */
  while (plain < size && text[plain] >= ' ' && text[plain] <= '~')
    plain++;
  text += plain;
  size -= plain;
  if (!g_utf8_validate_len (text, size, NULL))
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (((guchar) text[i] < 0x20 && strchr ("\t\n\r", text[i]) == NULL)
        || (i + 2 < size && memcmp (text + i, "\xef\xbf", 2) == 0 && (guchar) text[i + 2] >= 0xbe))
      return FALSE;
  return TRUE;
}

/* TEXT with U+FFFD for all that XML cannot hold; wiped and freed by the caller. */
static GString *
make_valid (const char *text, gsize size)
{
  const char *end = text + size;
  /* Each octet can become three. */
  GString *out = g_string_sized_new (3 * size + 1);

  while (text < end)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);

      if (c == (gunichar) -1 || c == (gunichar) -2 || !is_xml_char (c))
        {
          g_string_append_unichar (out, 0xfffd);
          text += c == (gunichar) -1 || c == (gunichar) -2 ? 1 : g_utf8_skip[(guchar) *text];
          continue;
        }
      g_string_append_len (out, text, g_utf8_skip[(guchar) *text]);
      text += g_utf8_skip[(guchar) *text];
    }
  return out;
}

static void
wipe_string (GString *string)
{
  es_octets_wipe (string->str, string->len);
  g_string_free (string, TRUE);
}

void
es_xml_add_text (EsXml *parent, const char *text, gsize size)
{
  guint n = parent->children.len;
  EsXml *last = n > 0 ? parent->children.pdata[n - 1] : NULL;

  /* What holds no text has no node for it, whoever made it. */
  if (size == 0)
    return;
  if (last == NULL || last->name != NULL)
    last = es_xml_append (parent, g_new0 (EsXml, 1));
  grow_text (last, text, size);
}

void
es_xml_append_text (EsXml *parent, const char *text, gssize size)
{
  gsize octets = size < 0 ? strlen (text) : (gsize) size;

  if (is_valid (text, octets))
    es_xml_add_text (parent, text, octets);
  else
    {
      GString *valid = make_valid (text, octets);

      es_xml_add_text (parent, valid->str, valid->len);
      wipe_string (valid);
    }
}

const GPtrArray *
es_xml_children (const EsXml *xml)
{
  return &xml->children;
}

EsXml *
es_xml_steal (EsXml *parent, guint index)
{
  GPtrArray *children = &parent->children;
  EsXml *child = children->pdata[index];

  children->len--;
  memmove (children->pdata + index, children->pdata + index + 1, (children->len - index) * sizeof (gpointer));
  return child;
}

gboolean
es_xml_filter (EsXml *parent, EsXmlKeep keep, gpointer data, EsXml *rest)
{
  GPtrArray *children = &parent->children;
  guint n = 0, n_before = children->len;

  for (guint i = 0; i < n_before; i++)
    {
      EsXml *child = children->pdata[i];

      if (keep != NULL && keep (child, data))
        children->pdata[n++] = child;
      else if (rest != NULL)
        es_xml_append (rest, child);
      else
        es_xml_free (child);
    }
  children->len = n;
  return n < n_before;
}

typedef struct
{
  const char *name;
  const char *namespace_;
} Name;

static gboolean
is_other (const EsXml *child, gpointer data)
{
  const Name *name = data;

  return !es_xml_is (child, name->name, name->namespace_);
}

gboolean
es_xml_remove (EsXml *parent, const char *name, const char *namespace_, EsXml *rest)
{
  Name what = { name, namespace_ };

  return es_xml_filter (parent, is_other, &what, rest);
}

EsXml *
es_xml_child (const EsXml *xml, const char *name, const char *namespace_)
{
  for (guint i = 0; i < xml->children.len; i++)
    if (es_xml_is (xml->children.pdata[i], name, namespace_))
      return xml->children.pdata[i];
  return NULL;
}

gboolean
es_xml_contains (const EsXml *xml, const char *name, const char *namespace_)
{
  if (es_xml_is (xml, name, namespace_))
    return TRUE;
  for (guint i = 0; i < xml->children.len; i++)
    if (es_xml_contains (xml->children.pdata[i], name, namespace_))
      return TRUE;
  return FALSE;
}

char *
es_xml_dup_text (const EsXml *xml)
{
  gsize size = xml->length;
  char *text = NULL, *end = NULL;

  for (guint i = 0; i < xml->children.len; i++)
    size += ((const EsXml *) xml->children.pdata[i])->length;
  text = end = g_malloc (size + 1);
  if (xml->length > 0)
    end = mempcpy (end, xml->text, xml->length);
  for (guint i = 0; i < xml->children.len; i++)
    {
      const EsXml *child = xml->children.pdata[i];

      if (child->length > 0)
        end = mempcpy (end, child->text, child->length);
    }
  *end = '\0';
  return text;
}

/* Where the pointer to an attribute is; to NULL at the end if there is none. */
static EsXmlAttribute **
find_attribute (EsXmlAttribute **at, const char *name, const char *namespace_)
{
  while (*at != NULL && (strcmp ((*at)->name, name) != 0 || g_strcmp0 ((*at)->namespace_, namespace_) != 0))
    at = &(*at)->next;
  return at;
}

static const EsXmlAttribute *
attribute_of (const EsXml *xml, const char *name, const char *namespace_)
{
  EsXmlAttribute *first = xml->attributes;

  return *find_attribute (&first, name, namespace_);
}

const char *
es_xml_attribute (const EsXml *xml, const char *name)
{
  const EsXmlAttribute *attribute = attribute_of (xml, name, NULL);

  return attribute != NULL ? attribute->value : NULL;
}

void
es_xml_set_attribute (EsXml *xml, const char *name, const char *value)
{
  es_xml_set_attribute_ns (xml, name, NULL, value);
}

/* In the place of the attribute at AT, which is let go if it is not NULL. */
static void
put_attribute (EsXmlAttribute **at, const char *name, const char *namespace_, const char *value, gsize size)
{
  EsXmlAttribute *old = *at;

  *at = attribute_new (name, namespace_, value, size);
  if (old != NULL)
    {
      (*at)->next = old->next;
      attribute_free (old);
    }
}

void
es_xml_set_attribute_ns (EsXml *xml, const char *name, const char *namespace_, const char *value)
{
  EsXmlAttribute **at = find_attribute (&xml->attributes, name, namespace_), *old = *at;
  gsize size = value != NULL ? strlen (value) : 0;

  if (value == NULL && old != NULL)
    {
      *at = old->next;
      attribute_free (old);
    }
  else if (value != NULL && is_valid (value, size))
    put_attribute (at, name, namespace_, value, size);
  else if (value != NULL)
    {
      GString *valid = make_valid (value, size);

      put_attribute (at, name, namespace_, valid->str, valid->len);
      wipe_string (valid);
    }
}

void
es_xml_add_attribute (EsXml *xml, const char *name, const char *namespace_, const char *value, gsize size)
{
  EsXmlAttribute **at = &xml->attributes;

  while (*at != NULL)
    at = &(*at)->next;
  *at = attribute_new (name, namespace_, value, size);
}

guint
es_xml_n_attributes (const EsXml *xml)
{
  guint n = 0;

  for (const EsXmlAttribute *attribute = xml->attributes; attribute != NULL; attribute = attribute->next)
    n++;
  return n;
}

void
es_xml_attribute_at (const EsXml *xml, guint index, const char **name, const char **namespace_, const char **value)
{
  const EsXmlAttribute *attribute = xml->attributes;

  while (index-- > 0)
    attribute = attribute->next;
  *name = attribute->name;
  *namespace_ = attribute->namespace_;
  *value = attribute->value;
}

gboolean
es_xml_equal (const EsXml *a, const EsXml *b)
{
  if ((a->name == NULL) != (b->name == NULL))
    return FALSE;
  if (a->name == NULL)
    return a->length == b->length && memcmp (a->text, b->text, a->length) == 0;
  if (strcmp (a->name, b->name) != 0 || strcmp (a->namespace_, b->namespace_) != 0
      || es_xml_n_attributes (a) != es_xml_n_attributes (b) || a->children.len != b->children.len)
    return FALSE;

  for (const EsXmlAttribute *mine = a->attributes; mine != NULL; mine = mine->next)
    {
      const EsXmlAttribute *theirs = attribute_of (b, mine->name, mine->namespace_);

      if (theirs == NULL || strcmp (mine->value, theirs->value) != 0)
        return FALSE;
    }
  for (guint i = 0; i < a->children.len; i++)
    if (!es_xml_equal (a->children.pdata[i], b->children.pdata[i]))
      return FALSE;
  return TRUE;
}

/* Serializing */

void
es_xml_append_escaped (GString *out, const char *text, gboolean in_attribute)
{
  const char *special = in_attribute ? "&<\r\"\t\n" : "&<\r>";

  for (gsize plain = 0;; text += plain + 1)
    {
      plain = strcspn (text, special);
      g_string_append_len (out, text, (gssize) plain);
      switch (text[plain])
        {
        case '\0':
          return;
        case '&':
          g_string_append (out, "&amp;");
          break;
        case '<':
          g_string_append (out, "&lt;");
          break;
        case '>':
          g_string_append (out, "&gt;");
          break;
        case '"':
          g_string_append (out, "&quot;");
          break;
        default:
          g_string_append_printf (out, "&#x%X;", (guint) text[plain]);
        }
    }
}

gsize
es_xml_escaped_size (const char *text, gsize size, gboolean in_attribute)
{
  /* How many octets more than one each takes. */
  static const guint8 more[2][256] = {
    { ['&'] = 4, ['<'] = 3, ['\r'] = 4, ['>'] = 3 },
    { ['&'] = 4, ['<'] = 3, ['\r'] = 4, ['"'] = 5, ['\t'] = 4, ['\n'] = 4 },
  };
  gsize escaped = size;

  for (gsize i = 0; i < size; i++)
    escaped += more[in_attribute ? 1 : 0][(guchar) text[i]];
  return escaped;
}

/* NAME="VALUE" */
static void
serialize_value (GString *out, const char *name, const char *value)
{
  g_string_append (out, name);
  g_string_append (out, "=\"");
  es_xml_append_escaped (out, value, TRUE);
  g_string_append_c (out, '"');
}

static gsize
value_size (const char *name, const char *value)
{
  return strlen (name) + strlen ("=\"\"") + es_xml_escaped_size (value, strlen (value), TRUE);
}

static void
serialize_attribute (GString *out, const EsXmlAttribute *attribute, guint number)
{
  char prefix[32] = "";

  g_string_append_c (out, ' ');
  if (g_strcmp0 (attribute->namespace_, ES_NS_XML) == 0)
    g_string_append (out, "xml:");
  else if (attribute->namespace_ != NULL)
    {
      g_snprintf (prefix, sizeof prefix, "xmlns:a%u", number);
      serialize_value (out, prefix, attribute->namespace_);
      g_string_append_printf (out, " a%u:", number);
    }
  serialize_value (out, attribute->name, attribute->value);
}

static gsize
attribute_size (const EsXmlAttribute *attribute, guint number)
{
  gsize size = strlen (" ") + value_size (attribute->name, attribute->value);
  char prefix[32] = "";

  if (attribute->namespace_ == NULL)
    return size;
  if (strcmp (attribute->namespace_, ES_NS_XML) == 0)
    return size + strlen ("xml:");
  g_snprintf (prefix, sizeof prefix, "xmlns:a%u", number);
  return size + value_size (prefix, attribute->namespace_) + strlen (prefix) - strlen ("xmlns:") + strlen (" :");
}

static void
serialize (GString *out, const EsXml *xml, const char *outer)
{
  guint n = 0;

  if (xml->name == NULL)
    {
      es_xml_append_escaped (out, xml->text, FALSE);
      return;
    }

  g_string_append_c (out, '<');
  g_string_append (out, xml->name);
  if (strcmp (xml->namespace_, outer) != 0)
    serialize_value (out, " xmlns", xml->namespace_);
  for (const EsXmlAttribute *attribute = xml->attributes; attribute != NULL; attribute = attribute->next)
    serialize_attribute (out, attribute, n++);

  if (xml->children.len == 0)
    {
      g_string_append (out, "/>");
      return;
    }
  g_string_append_c (out, '>');
  for (guint i = 0; i < xml->children.len; i++)
    serialize (out, xml->children.pdata[i], xml->namespace_);
  g_string_append (out, "</");
  g_string_append (out, xml->name);
  g_string_append_c (out, '>');
}

gsize
es_xml_tag_size (const EsXml *xml, const char *outer)
{
  gsize size = strlen (xml->name) + strlen ("</>");
  guint n = 0;

  if (strcmp (xml->namespace_, outer) != 0)
    size += value_size (" xmlns", xml->namespace_);
  for (const EsXmlAttribute *attribute = xml->attributes; attribute != NULL; attribute = attribute->next)
    size += attribute_size (attribute, n++);
  return size;
}

gsize
es_xml_end_size (const EsXml *xml)
{
  return strlen (xml->name) + strlen ("<></>") - strlen ("</>");
}

static gsize
serialized_size (const EsXml *xml, const char *outer)
{
  gsize size = 0;

  if (xml->name == NULL)
    return es_xml_escaped_size (xml->text, xml->length, FALSE);
  size = es_xml_tag_size (xml, outer);
  if (xml->children.len > 0)
    size += es_xml_end_size (xml);
  for (guint i = 0; i < xml->children.len; i++)
    size += serialized_size (xml->children.pdata[i], xml->namespace_);
  return size;
}

gsize
es_xml_size (const EsXml *xml, const char *default_namespace)
{
  return serialized_size (xml, default_namespace);
}

/* In one piece from the beginning: one that grows would leave what it holds in the pieces before. */

char *
es_xml_to_string (const EsXml *xml, const char *default_namespace)
{
  GString *out = g_string_sized_new (serialized_size (xml, default_namespace) + 1);

  serialize (out, xml, default_namespace);
  return g_string_free (out, FALSE);
}

char *
es_xml_children_to_string (const EsXml *xml)
{
  gsize size = 0;
  GString *out = NULL;

  for (guint i = 0; i < xml->children.len; i++)
    size += serialized_size (xml->children.pdata[i], xml->namespace_);
  out = g_string_sized_new (size + 1);
  for (guint i = 0; i < xml->children.len; i++)
    serialize (out, xml->children.pdata[i], xml->namespace_);
  return g_string_free (out, FALSE);
}
