/* SPDX-License-Identifier: GPL-3.0-or-later */
/* purple_request without windows: each is told as an event, and a command presses one of its buttons. */
#include "headless.h"

#include <gio/gio.h>

/* What a button's function is called with depends on the type; see press (). */
typedef struct
{
  PurpleRequestType type;
  void *user_data;
  GArray *callbacks; /* of GCallback, one a button */
  PurpleRequestFields *fields;
} Request;

static GHashTable *requests; /* number -> Request */

static void
request_free (gpointer data)
{
  Request *request = data;

  g_array_unref (request->callbacks);
  g_free (request);
}

/* Begins the event that tells of a new request; request_tell () ends it. */
static JsonObject *
request_new (PurpleRequestType type,
             const char *word,
             const char *title,
             const char *primary,
             const char *secondary,
             PurpleAccount *account,
             const char *who,
             void *user_data,
             Request **request)
{
  JsonObject *event = headless_account_event_new ("request", account);
  guint number = headless_next_handle ();

  *request = g_new0 (Request, 1);
  (*request)->type = type;
  (*request)->user_data = user_data;
  (*request)->callbacks = g_array_new (FALSE, FALSE, sizeof (GCallback));
  g_hash_table_insert (requests, GUINT_TO_POINTER (number), *request);
  json_object_set_int_member (event, "request", number);
  headless_put (event, "type", word);
  headless_put (event, "who", who);
  headless_put (event, "title", title);
  headless_put (event, "primary", primary);
  headless_put (event, "secondary", secondary);
  json_object_set_array_member (event, "buttons", json_array_new ());
  return event;
}

static void
request_button (Request *request, JsonObject *event, const char *label, GCallback callback)
{
  json_array_add_string_element (json_object_get_array_member (event, "buttons"), label ? label : "");
  g_array_append_val (request->callbacks, callback);
}

static void *
request_tell (JsonObject *event)
{
  guint number = json_object_get_int_member (event, "request");

  headless_emit (event);
  return GUINT_TO_POINTER (number);
}

static void *
request_input (const char *title,
               const char *primary,
               const char *secondary,
               const char *value,
               gboolean multiline,
               gboolean masked,
               char *hint,
               const char *ok_text,
               GCallback ok_cb,
               const char *cancel_text,
               GCallback cancel_cb,
               PurpleAccount *account,
               const char *who,
               PurpleConversation *conv,
               void *user_data)
{
  Request *request;
  JsonObject *event
      = request_new (PURPLE_REQUEST_INPUT, "input", title, primary, secondary, account, who, user_data, &request);

  headless_put (event, "value", value);
  request_button (request, event, ok_text, ok_cb);
  request_button (request, event, cancel_text, cancel_cb);
  return request_tell (event);
}

static void *
request_choice (const char *title,
                const char *primary,
                const char *secondary,
                int value,
                const char *ok_text,
                GCallback ok_cb,
                const char *cancel_text,
                GCallback cancel_cb,
                PurpleAccount *account,
                const char *who,
                PurpleConversation *conv,
                void *user_data,
                va_list choices)
{
  Request *request;
  JsonObject *event
      = request_new (PURPLE_REQUEST_CHOICE, "choice", title, primary, secondary, account, who, user_data, &request);
  JsonObject *values = json_object_new ();
  const char *label;

  while ((label = va_arg (choices, const char *)) != NULL)
    json_object_set_int_member (values, label, va_arg (choices, int));
  json_object_set_object_member (event, "choices", values);
  json_object_set_int_member (event, "value", value);
  request_button (request, event, ok_text, ok_cb);
  request_button (request, event, cancel_text, cancel_cb);
  return request_tell (event);
}

static void *
request_action (const char *title,
                const char *primary,
                const char *secondary,
                int value,
                PurpleAccount *account,
                const char *who,
                PurpleConversation *conv,
                void *user_data,
                size_t count,
                va_list actions)
{
  Request *request;
  JsonObject *event
      = request_new (PURPLE_REQUEST_ACTION, "action", title, primary, secondary, account, who, user_data, &request);

  json_object_set_int_member (event, "value", value);
  for (size_t i = 0; i < count; i++)
    {
      const char *label = va_arg (actions, const char *);

      request_button (request, event, label, va_arg (actions, GCallback));
    }
  return request_tell (event);
}

static JsonObject *
field_describe (PurpleRequestField *field)
{
  JsonObject *object = json_object_new ();

  headless_put (object, "id", purple_request_field_get_id (field));
  headless_put (object, "label", purple_request_field_get_label (field));
  switch (purple_request_field_get_type (field))
    {
    case PURPLE_REQUEST_FIELD_STRING:
      headless_put (object, "value", purple_request_field_string_get_value (field));
      break;
    case PURPLE_REQUEST_FIELD_INTEGER:
      json_object_set_int_member (object, "value", purple_request_field_int_get_value (field));
      break;
    case PURPLE_REQUEST_FIELD_BOOLEAN:
      json_object_set_boolean_member (object, "value", purple_request_field_bool_get_value (field));
      break;
    case PURPLE_REQUEST_FIELD_CHOICE:
      json_object_set_int_member (object, "value", purple_request_field_choice_get_value (field));
      break;
    default: /* labels and pictures: nothing to fill in */
      break;
    }
  return object;
}

static void
field_set (PurpleRequestField *field, JsonNode *value)
{
  switch (purple_request_field_get_type (field))
    {
    case PURPLE_REQUEST_FIELD_STRING:
      purple_request_field_string_set_value (field, json_node_get_string (value));
      break;
    case PURPLE_REQUEST_FIELD_INTEGER:
      purple_request_field_int_set_value (field, json_node_get_int (value));
      break;
    case PURPLE_REQUEST_FIELD_BOOLEAN:
      purple_request_field_bool_set_value (field, json_node_get_boolean (value));
      break;
    case PURPLE_REQUEST_FIELD_CHOICE:
      purple_request_field_choice_set_value (field, json_node_get_int (value));
      break;
    default:
      break;
    }
}

static void *
request_fields (const char *title,
                const char *primary,
                const char *secondary,
                PurpleRequestFields *fields,
                const char *ok_text,
                GCallback ok_cb,
                const char *cancel_text,
                GCallback cancel_cb,
                PurpleAccount *account,
                const char *who,
                PurpleConversation *conv,
                void *user_data)
{
  Request *request;
  JsonObject *event
      = request_new (PURPLE_REQUEST_FIELDS, "fields", title, primary, secondary, account, who, user_data, &request);
  JsonArray *array = json_array_new ();

  request->fields = fields;
  for (GList *g = purple_request_fields_get_groups (fields); g; g = g->next)
    for (GList *f = purple_request_field_group_get_fields (g->data); f; f = f->next)
      json_array_add_object_element (array, field_describe (f->data));
  json_object_set_array_member (event, "fields", array);
  request_button (request, event, ok_text, ok_cb);
  request_button (request, event, cancel_text, cancel_cb);
  return request_tell (event);
}

static void *
request_file (const char *title,
              const char *name,
              gboolean for_saving,
              GCallback ok_cb,
              GCallback cancel_cb,
              PurpleAccount *account,
              const char *who,
              PurpleConversation *conv,
              void *user_data)
{
  Request *request;
  JsonObject *event = request_new (PURPLE_REQUEST_FILE, "file", title, NULL, NULL, account, who, user_data, &request);

  headless_put (event, "value", name);
  request_button (request, event, "OK", ok_cb);
  request_button (request, event, "Cancel", cancel_cb);
  return request_tell (event);
}

static void
close_request (PurpleRequestType type, void *handle)
{
  JsonObject *event = headless_event_new ("request-closed");

  json_object_set_int_member (event, "request", GPOINTER_TO_UINT (handle));
  headless_emit (event);
  g_hash_table_remove (requests, handle);
}

/* Calls what stands behind BUTTON, or nothing if the request gave no function for it. */
static void
press (Request *request, guint button, JsonObject *command)
{
  GCallback callback = g_array_index (request->callbacks, GCallback, button);

  if (!callback)
    return;
  if (request->type == PURPLE_REQUEST_INPUT)
    ((PurpleRequestInputCb) callback) (request->user_data,
                                       json_object_get_string_member_with_default (command, "value", ""));
  else if (request->type == PURPLE_REQUEST_CHOICE)
    ((PurpleRequestChoiceCb) callback) (request->user_data,
                                        json_object_get_int_member_with_default (command, "value", 0));
  else if (request->type == PURPLE_REQUEST_FIELDS)
    ((PurpleRequestFieldsCb) callback) (request->user_data, request->fields);
  else if (request->type == PURPLE_REQUEST_FILE)
    ((PurpleRequestFileCb) callback) (request->user_data,
                                      json_object_get_string_member_with_default (command, "value", NULL));
  else
    ((PurpleRequestActionCb) callback) (request->user_data, button);
}

gboolean
headless_answer (JsonObject *command, JsonObject *reply, GError **error)
{
  gpointer number = GUINT_TO_POINTER ((guint) json_object_get_int_member (command, "request"));
  guint button = json_object_get_int_member (command, "button");
  Request *request = g_hash_table_lookup (requests, number);
  PurpleRequestType type;

  if (!request)
    return headless_fail (error, "no such request");
  if (button >= request->callbacks->len)
    return headless_fail (error, "no such button");
  if (request->fields && json_object_has_member (command, "fields"))
    {
      JsonObject *values = json_object_get_object_member (command, "fields");
      g_autoptr (GList) names = json_object_get_members (values);

      for (GList *n = names; n; n = n->next)
        {
          PurpleRequestField *field = purple_request_fields_get_field (request->fields, n->data);

          if (!field)
            return headless_fail (error, "no such field: %s", (const char *) n->data);
          field_set (field, json_object_get_member (values, n->data));
        }
    }
  type = request->type;
  press (request, button, command);
  if (g_hash_table_contains (requests, number)) /* the callback may have closed it */
    purple_request_close (type, number);
  return TRUE;
}

void
headless_requests_init (void)
{
  requests = g_hash_table_new_full (NULL, NULL, NULL, request_free);
}

void
headless_requests_uninit (void)
{
  g_clear_pointer (&requests, g_hash_table_unref);
}

void
headless_set_request_ops (void)
{
  static PurpleRequestUiOps ops = {
    .request_input = request_input,
    .request_choice = request_choice,
    .request_action = request_action,
    .request_fields = request_fields,
    .request_file = request_file,
    .close_request = close_request,
  };

  purple_request_set_ui_ops (&ops);
}
