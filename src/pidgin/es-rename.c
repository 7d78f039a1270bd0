/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-rename.h"

#include <glib/gi18n-lib.h>

#include "es-help.h"
#include "es-label.h"
#include "es-lists.h"

#define RENAME_KEY "esession-rename"
#define NAME_CHARACTERS 60
#define WIDTH 360

typedef struct
{
  const EsApi *api;
  gint64 id;
  GtkWidget *entry;
  GtkWidget *error; /* says why it did not work */
} Rename;

static void
on_response (GtkDialog *dialog, int response, Rename *rename)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (GTK_ENTRY (rename->entry)))), *error = NULL;

  if (response != GTK_RESPONSE_ACCEPT || rename->api->rename_device (rename->id, name, &error))
    {
      gtk_widget_destroy (GTK_WIDGET (dialog));
      return;
    }
  es_label_set_text (rename->error, error);
  gtk_widget_show_all (rename->error);
}

void
es_rename_show (GtkWindow *parent, const EsApi *api, const EsRemembered *device)
{
  g_autofree char *contact = es_device_quoted_contact (device), *old = es_device_quoted_name (device);
  /* Translators: a device and a person. */
  g_autofree char *text = g_strdup_printf (_ ("What do you call the device %s of %s?"), old, contact);
  GtkWidget *dialog = gtk_dialog_new_with_buttons (
      _ ("Rename the device"), parent, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_NO_SEPARATOR,
      GTK_STOCK_CANCEL, GTK_RESPONSE_CANCEL, _ ("_Rename"), GTK_RESPONSE_ACCEPT, NULL);
  GtkWidget *box = gtk_vbox_new (FALSE, 6), *question = es_label_new ();
  Rename *rename = g_new0 (Rename, 1);

  *rename = (Rename){ .api = api, .id = device->id, .entry = gtk_entry_new (), .error = es_label_new () };
  es_label_set_text (question, text);
  gtk_entry_set_text (GTK_ENTRY (rename->entry), device->name != NULL ? device->name : "");
  gtk_entry_set_max_length (GTK_ENTRY (rename->entry), NAME_CHARACTERS);
  gtk_entry_set_activates_default (GTK_ENTRY (rename->entry), TRUE);
  atk_object_set_name (gtk_widget_get_accessible (rename->entry), text);
  gtk_container_set_border_width (GTK_CONTAINER (box), 6);
  gtk_box_pack_start (GTK_BOX (box), question, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), rename->entry, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), rename->error, FALSE, FALSE, 0);
  gtk_widget_set_size_request (box, WIDTH, -1);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (dialog))), box, TRUE, TRUE, 0);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT);
  es_help_add (GTK_DIALOG (dialog), ES_HELP_DEVICES);
  g_object_set_data_full (G_OBJECT (dialog), RENAME_KEY, rename, g_free);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), rename);
  gtk_widget_show_all (dialog);
  gtk_widget_hide (rename->error);
}
