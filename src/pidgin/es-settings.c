/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-settings.h"

#include <glib/gi18n-lib.h>

#include "es-about.h"
#include "es-devices.h"
#include "es-help.h"
#include "es-label.h"
#include "es-preferences.h"

#define PREFERENCE_KEY "esession-preference"
#define API_KEY "esession-api"
#define WIDTH 520
#define HEIGHT 680
#define AROUND 60 /* what else the window has from left to right, a scroll bar included */

/* The window, while it is there. */
static GtkWidget *window;

/* Each widget shows what its preference holds, wherever that is changed. */

static const EsPreference *
preference_of (gpointer widget)
{
  return g_object_get_data (G_OBJECT (widget), PREFERENCE_KEY);
}

static void
show_choice (GtkWidget *combo)
{
  const EsPreference *preference = preference_of (combo);
  int value = purple_prefs_get_int (preference->name);

  for (int i = 0; preference->choices[i].label != NULL; i++)
    if (preference->choices[i].value == value)
      gtk_combo_box_set_active (GTK_COMBO_BOX (combo), i);
}

static void
show_switch (GtkWidget *check)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (check), purple_prefs_get_bool (preference_of (check)->name));
}

static void
on_preference (const char *name, PurplePrefType type, gconstpointer value, gpointer widget)
{
  if (preference_of (widget)->choices != NULL)
    show_choice (widget);
  else
    show_switch (widget);
}

static void
on_destroy (GtkWidget *widget, gpointer data)
{
  purple_prefs_disconnect_by_handle (widget);
}

static void
bind (GtkWidget *widget, const EsPreference *preference)
{
  g_object_set_data (G_OBJECT (widget), PREFERENCE_KEY, (gpointer) preference);
  purple_prefs_connect_callback (widget, preference->name, on_preference, widget);
  g_signal_connect (widget, "destroy", G_CALLBACK (on_destroy), NULL);
}

static void
on_chosen (GtkComboBox *combo, gpointer data)
{
  const EsPreference *preference = preference_of (combo);
  int i = gtk_combo_box_get_active (combo);

  if (i >= 0 && purple_prefs_get_int (preference->name) != preference->choices[i].value)
    purple_prefs_set_int (preference->name, preference->choices[i].value);
}

static void
on_toggled (GtkToggleButton *check, gpointer data)
{
  const EsPreference *preference = preference_of (check);
  gboolean wanted = gtk_toggle_button_get_active (check);

  if (!purple_prefs_get_bool (preference->name) != !wanted)
    purple_prefs_set_bool (preference->name, wanted);
}

/* Rows */

static void
add_choice (GtkWidget *box, GtkSizeGroup *labels, const char *name)
{
  const EsPreference *preference = es_preference_find (name);
  GtkWidget *row = gtk_hbox_new (FALSE, 6), *label = gtk_label_new_with_mnemonic (_ (preference->label)),
            *combo = gtk_combo_box_text_new ();

  for (int i = 0; preference->choices[i].label != NULL; i++)
    {
      g_autofree char *text = es_choice_label (&preference->choices[i]);

      gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), text);
    }
  bind (combo, preference);
  show_choice (combo);
  g_signal_connect (combo, "changed", G_CALLBACK (on_chosen), NULL);
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0.5);
  gtk_size_group_add_widget (labels, label);
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), combo);
  gtk_box_pack_start (GTK_BOX (row), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), combo, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), row, FALSE, FALSE, 0);
}

static void
add_switch (GtkWidget *box, const EsPreference *preference)
{
  GtkWidget *check = gtk_check_button_new_with_mnemonic (_ (preference->label)), *label = NULL, *indented = NULL;

  bind (check, preference);
  show_switch (check);
  g_signal_connect (check, "toggled", G_CALLBACK (on_toggled), NULL);
  gtk_box_pack_start (GTK_BOX (box), check, FALSE, FALSE, 0);
  if (preference->explanation == NULL)
    return;

  label = es_label_new ();
  es_label_set_text (label, _ (preference->explanation));
  atk_object_set_description (gtk_widget_get_accessible (check), _ (preference->explanation));
  indented = gtk_alignment_new (0, 0, 1, 0);
  gtk_alignment_set_padding (GTK_ALIGNMENT (indented), 0, 0, 24, 0);
  gtk_container_add (GTK_CONTAINER (indented), label);
  gtk_box_pack_start (GTK_BOX (box), indented, FALSE, FALSE, 0);
}

static GtkWidget *
add_section (GtkWidget *page, const char *title)
{
  GtkWidget *section = gtk_vbox_new (FALSE, 6), *heading = gtk_label_new (NULL),
            *indented = gtk_alignment_new (0, 0, 1, 0), *box = gtk_vbox_new (FALSE, 6);
  g_autofree char *markup = g_markup_printf_escaped ("<b>%s</b>", title);

  gtk_label_set_markup (GTK_LABEL (heading), markup);
  gtk_misc_set_alignment (GTK_MISC (heading), 0, 0);
  gtk_alignment_set_padding (GTK_ALIGNMENT (indented), 0, 0, 12, 0);
  gtk_container_add (GTK_CONTAINER (indented), box);
  gtk_box_pack_start (GTK_BOX (section), heading, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (section), indented, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (page), section, FALSE, FALSE, 0);
  return box;
}

static GtkWindow *
window_of (GtkWidget *widget)
{
  GtkWidget *top = gtk_widget_get_toplevel (widget);

  return GTK_IS_WINDOW (top) ? GTK_WINDOW (top) : NULL;
}

static void
on_protect (GtkWidget *button, const EsApi *api)
{
  api->user_protect ();
}

static void
on_unlock (GtkWidget *button, const EsApi *api)
{
  api->user_unlock ();
}

static void
on_devices (GtkWidget *button, const EsApi *api)
{
  es_devices_show (window_of (button), api, NULL);
}

static void
on_about (GtkWidget *button, gpointer data)
{
  es_about_show (window_of (button));
}

static GtkWidget *
add_button (GtkWidget *row, const char *label, GCallback callback, const EsApi *api)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  g_signal_connect (button, "clicked", callback, (gpointer) api);
  gtk_box_pack_start (GTK_BOX (row), button, FALSE, FALSE, 0);
  return button;
}

/* How the list is protected on this computer, and what can be done about it. */

#define PROTECTION_KEY "esession-protection"
#define UNLOCK_KEY "esession-unlock"

/* The rows there are: in the window, and in the Configure dialog. */
static GSList *protections;

static void
show_protection (GtkWidget *row)
{
  const EsApi *api = g_object_get_data (G_OBJECT (row), API_KEY);
  g_autofree char *sentence = api->protection_sentence ();

  es_label_set_text (g_object_get_data (G_OBJECT (row), PROTECTION_KEY), sentence);
  gtk_widget_set_sensitive (g_object_get_data (G_OBJECT (row), UNLOCK_KEY), api->is_locked ());
}

static void
on_protection_destroy (GtkWidget *row, gpointer data)
{
  protections = g_slist_remove (protections, row);
}

static void
add_protection (GtkWidget *box, const EsApi *api)
{
  GtkWidget *row = gtk_vbox_new (FALSE, 6), *buttons = gtk_hbox_new (FALSE, 6), *label = es_label_new ();

  gtk_box_pack_start (GTK_BOX (row), label, FALSE, FALSE, 0);
  add_button (buttons, _ ("_Change protection..."), G_CALLBACK (on_protect), api);
  g_object_set_data (G_OBJECT (row), UNLOCK_KEY, add_button (buttons, _ ("_Unlock..."), G_CALLBACK (on_unlock), api));
  gtk_box_pack_start (GTK_BOX (row), buttons, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), row, FALSE, FALSE, 0);
  g_object_set_data (G_OBJECT (row), API_KEY, (gpointer) api);
  g_object_set_data (G_OBJECT (row), PROTECTION_KEY, label);
  g_signal_connect (row, "destroy", G_CALLBACK (on_protection_destroy), NULL);
  protections = g_slist_prepend (protections, row);
  show_protection (row);
}

void
es_settings_update (void)
{
  for (GSList *item = protections; item != NULL; item = item->next)
    show_protection (item->data);
}

/* Pidgin's window for the settings of plugins is of one size, whatever is in it. */
static void
on_map (GtkWidget *page)
{
  GtkWindow *top = GTK_WINDOW (gtk_widget_get_toplevel (page));
  GtkRequisition wanted;
  int width = 0, height = 0;

  gtk_widget_size_request (page, &wanted);
  gtk_window_get_size (top, &width, &height);
  width = MAX (width, MIN (wanted.width + AROUND, gdk_screen_width ()));
  height = MAX (height, MIN (HEIGHT, gdk_screen_height ()));
  gtk_window_resize (top, width, height);
}

GtkWidget *
es_settings_new (const EsApi *api)
{
  GtkWidget *page = gtk_vbox_new (FALSE, 12), *section = NULL, *buttons = gtk_hbox_new (FALSE, 6);
  GtkSizeGroup *labels = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);

  gtk_container_set_border_width (GTK_CONTAINER (page), 12);
  section = add_section (page, _ ("Conversations"));
  add_choice (section, labels, ES_PREF_POLICY);
  add_choice (section, labels, ES_PREF_STARTERS);
  add_switch (section, es_preference_find (ES_PREF_REMIND));

  section = add_section (page, _ ("Remembered devices"));
  add_choice (section, labels, ES_PREF_EXPIRY);
  add_choice (section, labels, ES_PREF_EXPIRY_VERIFIED);
  add_protection (section, api);

  /* Translators: A heading. */
  section = add_section (page, _ ("On this computer"));
  add_switch (section, es_preference_find (ES_PREF_LOG));
  add_switch (section, es_preference_find (ES_PREF_KEEP));
  add_switch (section, es_preference_find (ES_PREF_HIDE_FROM_DBUS));

  /* Translators: A heading, above what is only for programs that are old. */
  section = add_section (page, _ ("Old programs"));
  add_switch (section, es_preference_find (ES_PREF_WEAK_GROUPS));

  add_button (buttons, _ ("_Remembered devices..."), G_CALLBACK (on_devices), api);
  add_button (buttons, _ ("_About encryption"), G_CALLBACK (on_about), api);
  gtk_box_pack_start (GTK_BOX (page), buttons, FALSE, FALSE, 0);
  g_object_unref (labels);
  g_signal_connect (page, "map", G_CALLBACK (on_map), NULL);
  gtk_widget_show_all (page);
  return page;
}

/* The window */

void
es_settings_show (GtkWindow *parent, const EsApi *api)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL), *view = NULL;

  if (window != NULL)
    {
      gtk_window_present (GTK_WINDOW (window));
      return;
    }
  window = gtk_dialog_new_with_buttons (_ ("Encryption preferences"), parent, GTK_DIALOG_NO_SEPARATOR, GTK_STOCK_CLOSE,
                                        GTK_RESPONSE_CLOSE, NULL);
  es_help_add (GTK_DIALOG (window), ES_HELP_PREFERENCES);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_add_with_viewport (GTK_SCROLLED_WINDOW (scrolled), es_settings_new (api));
  view = gtk_bin_get_child (GTK_BIN (scrolled));
  gtk_viewport_set_shadow_type (GTK_VIEWPORT (view), GTK_SHADOW_NONE);

  /* Whoever goes from one to the next by keyboard sees it. */
  gtk_container_set_focus_vadjustment (GTK_CONTAINER (gtk_bin_get_child (GTK_BIN (view))),
                                       gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled)));
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (window))), scrolled, TRUE, TRUE, 0);
  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH, HEIGHT);
  gtk_dialog_set_default_response (GTK_DIALOG (window), GTK_RESPONSE_CLOSE);
  g_signal_connect (window, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  g_signal_connect (window, "destroy", G_CALLBACK (gtk_widget_destroyed), &window);
  gtk_widget_show_all (window);
}

void
es_settings_close (void)
{
  if (window != NULL)
    gtk_widget_destroy (window);
}
