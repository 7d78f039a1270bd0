/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-verify-private.h"

#include <glib/gi18n-lib.h>

#include "es-icon.h"
#include "es-label.h"
#include "es-qr.h"

/* Of a line of text: in pixels at least, and in characters of about the usual width, which a large font makes more of. */
#define WIDTH 420
#define CHARACTERS 50

/* As many as are shown on the other side. */
#define QUESTION_CHARACTERS 80

static void
on_show_words (GtkToggleButton *check, EsVerify *verify)
{
  gtk_entry_set_visibility (GTK_ENTRY (verify->words), gtk_toggle_button_get_active (check));
}

static void
on_remind (GtkToggleButton *check, gpointer data)
{
  purple_prefs_set_bool (ES_PREF_REMIND, gtk_toggle_button_get_active (check));
}

static int
line_width (GtkWidget *label)
{
  PangoFontMetrics *metrics = pango_context_get_metrics (gtk_widget_get_pango_context (label), NULL, NULL);
  int width = CHARACTERS * PANGO_PIXELS (pango_font_metrics_get_approximate_char_width (metrics));

  pango_font_metrics_unref (metrics);
  return CLAMP (width, WIDTH, 2 * WIDTH);
}

static GtkWidget *
wrapped (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  es_label_wrap (GTK_LABEL (label));
  gtk_widget_set_size_request (label, line_width (label), -1);
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0);
  return label;
}

static GtkWidget *
add (GtkWidget *box, GtkWidget *widget)
{
  gtk_box_pack_start (GTK_BOX (box), widget, FALSE, FALSE, 0);
  return widget;
}

static GtkWidget *
new_page (void)
{
  GtkWidget *box = gtk_vbox_new (FALSE, 12);

  gtk_container_set_border_width (GTK_CONTAINER (box), 12);
  return box;
}

static GtkWidget *
add_news (GtkWidget *box)
{
  GtkWidget *label = add (box, wrapped (""));
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  pango_attr_list_unref (attributes);
  gtk_widget_set_no_show_all (label, TRUE);
  return label;
}

static GtkWidget *
make_compare (EsVerify *verify, const char *name)
{
  GtkWidget *box = new_page ();
  g_autofree char *what_to_do = g_strdup_printf (
      /* Translators: %s is a person's name; "call" is by telephone. The code is the verification code. */
      _ ("Call %s, or meet, and ask which code is shown there, under Verify. If it is the same as this one, nobody "
         "listens in."),
      name);

  add (box, wrapped (what_to_do));
  verify->big = add (box, gtk_label_new (NULL));
  gtk_label_set_selectable (GTK_LABEL (verify->big), TRUE);
  verify->spelling = add (box, gtk_label_new (NULL));
  gtk_label_set_line_wrap (GTK_LABEL (verify->spelling), TRUE);
  gtk_label_set_justify (GTK_LABEL (verify->spelling), GTK_JUSTIFY_CENTER);
  add (box, wrapped (_ ("Do not send the code here: whoever listens in could change it on the way.")));
  return box;
}

static GtkWidget *
make_entry (EsVerify *verify, GtkWidget *box, const char *label, GCallback on_changed)
{
  GtkWidget *row = gtk_hbox_new (FALSE, 6), *text = gtk_label_new_with_mnemonic (label), *entry = gtk_entry_new ();

  gtk_label_set_mnemonic_widget (GTK_LABEL (text), entry);
  gtk_box_pack_start (GTK_BOX (row), text, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), entry, TRUE, TRUE, 0);
  add (box, row);
  g_signal_connect (entry, "changed", on_changed, verify);
  g_signal_connect (entry, "activate", G_CALLBACK (es_verify_on_enter), verify);
  return entry;
}

static GtkWidget *
make_type (EsVerify *verify, const char *name)
{
  GtkWidget *box = new_page ();
  g_autofree char *what_to_do = g_strdup_printf (
      _ ("Call %s, or meet, and ask for the code that is shown there. Type it here, and your program compares it."),
      name);

  add (box, wrapped (what_to_do));
  verify->typed = make_entry (verify, box, _ ("_Code of the other person:"), G_CALLBACK (es_verify_on_typed));
  gtk_entry_set_max_length (GTK_ENTRY (verify->typed), 40);
  verify->typed_spelling = add (box, gtk_label_new (NULL));
  gtk_label_set_line_wrap (GTK_LABEL (verify->typed_spelling), TRUE);
  verify->typed_news = add_news (box);
  return box;
}

static GtkWidget *
make_password (EsVerify *verify, const char *name)
{
  GtkWidget *box = new_page (), *show = NULL;
  g_autofree char *what_to_do = g_strdup_printf (
      _ ("If you and %s both know something that nobody else can guess, type it as the password, both of you, spelled "
         "the same. The password does not leave this computer; a question is shown to the other person."),
      name);

  add (box, wrapped (what_to_do));
  verify->words_news = add_news (box);
  verify->question = make_entry (verify, box, _ ("_Question, if you like:"), G_CALLBACK (es_verify_on_words));
  gtk_entry_set_max_length (GTK_ENTRY (verify->question), QUESTION_CHARACTERS);
  verify->question_row = gtk_widget_get_parent (verify->question);
  verify->words = make_entry (verify, box, _ ("_Password:"), G_CALLBACK (es_verify_on_words));
  gtk_entry_set_max_length (GTK_ENTRY (verify->words), 200);
  gtk_entry_set_visibility (GTK_ENTRY (verify->words), FALSE);
  show = add (box, gtk_check_button_new_with_mnemonic (_ ("_Show what I type")));
  g_signal_connect (show, "toggled", G_CALLBACK (on_show_words), verify);
  return box;
}

static GtkWidget *
make_copy (EsVerify *verify)
{
  GtkWidget *copy = gtk_button_new_with_mnemonic (_ ("Cop_y your link"));

  gtk_button_set_image (GTK_BUTTON (copy), gtk_image_new_from_stock (GTK_STOCK_COPY, GTK_ICON_SIZE_BUTTON));
  g_signal_connect (copy, "clicked", G_CALLBACK (es_verify_on_copy), verify);
  return copy;
}

/* What is long is one line here, which can be selected and copied; the picture has all of it. */
static GtkWidget *
make_link (EsVerify *verify, const char *name)
{
  GtkWidget *box = new_page (), *row = gtk_hbox_new (FALSE, 6);
  g_autofree char *what_to_do = g_strdup_printf (
      /* Translators: %s is a person's name. "This" is a link, shown as a text and as a QR code. */
      _ ("Show this to %s, or send the link in another way than this conversation, through which it would prove "
         "nothing. Paste below the link that you get."),
      name);

  add (box, wrapped (what_to_do));
  verify->qr_place = add (box, gtk_vbox_new (FALSE, 0));
  gtk_widget_set_no_show_all (verify->qr_place, TRUE);
  verify->qr = add (verify->qr_place, es_qr_new (_ ("QR code of your link")));
  verify->own_link = gtk_entry_new ();
  gtk_editable_set_editable (GTK_EDITABLE (verify->own_link), FALSE);
  atk_object_set_name (gtk_widget_get_accessible (verify->own_link), _ ("Your link"));
  verify->copy = make_copy (verify);
  gtk_box_pack_start (GTK_BOX (row), verify->own_link, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (row), verify->copy, FALSE, FALSE, 0);
  add (box, row);
  verify->given = make_entry (verify, box, _ ("Link of the other _person:"), G_CALLBACK (es_verify_on_given));
  verify->given_news = add_news (box);
  return box;
}

GtkWidget *
es_verify_make_device (void)
{
  GtkWidget *label = wrapped ("");

  gtk_misc_set_padding (GTK_MISC (label), 6, 6);
  gtk_widget_set_no_show_all (label, TRUE);
  return label;
}

GtkWidget *
es_verify_make_ways (EsVerify *verify, const char *name)
{
  GtkWidget *box = gtk_vbox_new (FALSE, 6), *remind = NULL;

  verify->news = add_news (box);
  verify->unproven = add_news (box);
  verify->ways = gtk_notebook_new ();
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->ways), make_compare (verify, name),
                            gtk_label_new_with_mnemonic (_ ("C_ompare codes")));
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->ways), make_type (verify, name),
                            gtk_label_new_with_mnemonic (_ ("_Type the code")));
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->ways), make_password (verify, name),
                            gtk_label_new_with_mnemonic (_ ("Shared pass_word")));
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->ways), make_link (verify, name),
                            gtk_label_new_with_mnemonic (_ ("With a lin_k")));
  gtk_box_pack_start (GTK_BOX (box), verify->ways, TRUE, TRUE, 0);
  g_signal_connect (verify->ways, "switch-page", G_CALLBACK (es_verify_on_page), verify);

  remind
      = add (box, gtk_check_button_new_with_mnemonic (_ ("_Remind me once a day of contacts that are not verified")));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (remind), purple_prefs_get_bool (ES_PREF_REMIND));
  g_signal_connect (remind, "toggled", G_CALLBACK (on_remind), NULL);
  return box;
}

GtkWidget *
es_verify_make_differ (const char *name)
{
  GtkWidget *box = new_page ();
  g_autofree char *what = g_strdup_printf (_ ("If the codes really differ, somebody may be between you and %s and read "
                                              "everything. Ask for the code once more: "
                                              "perhaps one of you misread it, or looked at an older conversation."),
                                           name);

  add (box, wrapped (what));
  add (box, wrapped (_ (
                "If they still differ, end the conversation here. The device on the other side is then forgotten, and "
                "nothing more is sent until you choose. Tell the other person by telephone, and write nothing "
                "confidential here until the codes are the same.")));
  return box;
}

GtkWidget *
es_verify_make_done (EsVerify *verify, const char *name)
{
  GtkWidget *box = gtk_hbox_new (FALSE, 12), *icon = es_icon_new (48), *words = gtk_vbox_new (FALSE, 12),
            *top = gtk_alignment_new (0, 0, 0, 0), *side = gtk_alignment_new (0, 0, 0, 0);
  g_autofree char *what = g_strdup_printf (_ ("Encrypted and verified: only you and %s can read this conversation. You "
                                              "need not do this again with this device."),
                                           name);

  gtk_container_set_border_width (GTK_CONTAINER (box), 12);
  es_icon_set_state (icon, ES_STATE_VERIFIED);
  gtk_container_add (GTK_CONTAINER (top), icon);
  gtk_box_pack_start (GTK_BOX (box), top, FALSE, FALSE, 0);
  verify->done = wrapped (what);
  gtk_widget_set_size_request (verify->done, line_width (verify->done) - 60, -1);
  gtk_misc_set_alignment (GTK_MISC (verify->done), 0, 0.5);
  verify->done_code = gtk_label_new (NULL);
  gtk_label_set_selectable (GTK_LABEL (verify->done_code), TRUE);
  es_label_wrap (GTK_LABEL (verify->done_code));
  gtk_widget_set_size_request (verify->done_code, line_width (verify->done) - 60, -1);
  gtk_misc_set_alignment (GTK_MISC (verify->done_code), 0, 0.5);
  gtk_widget_set_no_show_all (verify->done_code, TRUE);
  gtk_box_pack_start (GTK_BOX (words), verify->done, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (words), verify->done_code, FALSE, FALSE, 0);
  verify->done_copy = make_copy (verify);
  gtk_widget_set_no_show_all (verify->done_copy, TRUE);
  gtk_container_add (GTK_CONTAINER (side), verify->done_copy);
  gtk_box_pack_start (GTK_BOX (words), side, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), words, TRUE, TRUE, 0);
  return box;
}

GtkWidget *
es_verify_make_moved (EsVerify *verify)
{
  GtkWidget *box = new_page ();

  verify->moved = add (box, wrapped (""));
  return box;
}
