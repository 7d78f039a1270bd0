/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"

/* What the menu of NODE has under LABEL, below its first item, or NULL. */
static PurpleMenuAction *
find (const GList *items, const char *label)
{
  for (; items != NULL; items = items->next)
    {
      PurpleMenuAction *action = items->data, *below = action != NULL ? find (action->children, label) : NULL;

      if (action != NULL && (below != NULL || strstr (action->label, label) != NULL))
        return below != NULL ? below : action;
    }
  return NULL;
}

static void
free_menu (GList *items)
{
  for (GList *item = items; item != NULL; item = item->next)
    if (item->data != NULL)
      purple_menu_action_free (item->data); /* and what is below it */
  g_list_free (items);
}

static int
policy_of (const char *who)
{
  int own = 0;
  EsPolicy usual = ES_POLICY_POSSIBLE;

  ck_assert (es_api ()->policy (fake_account (), who, &own, &usual));
  return own;
}

/* Bob and Carol are one person, of whom Bob comes first. */
static PurpleContact *
merge (PurpleBuddy **bob, PurpleBuddy **carol)
{
  *bob = purple_find_buddy (fake_account (), BOB);
  *carol = fake_add_buddy (CAROL);
  purple_blist_merge_contact (purple_buddy_get_contact (*carol), PURPLE_BLIST_NODE (*bob));
  ck_assert_ptr_eq (purple_buddy_get_contact (*bob), purple_buddy_get_contact (*carol));
  ck_assert_ptr_eq (purple_contact_get_priority_buddy (purple_buddy_get_contact (*bob)), *bob);
  return purple_buddy_get_contact (*bob);
}

static void
choose (const GList *menu, const char *label, PurpleBlistNode *node)
{
  const PurpleMenuAction *action = find (menu, label);

  ck_assert_ptr_nonnull (action);
  ((void (*) (PurpleBlistNode *, gpointer)) action->callback) (node, action->data);
}

/* Who comes first of a person changes with who is there, and that while the menu is open. */
START_TEST (menu__choice__is_for_whom_the_menu_was_made)
{
  PurpleBuddy *bob = NULL, *carol = NULL;
  PurpleContact *person = merge (&bob, &carol);
  GList *menu = purple_blist_node_get_extended_menu (PURPLE_BLIST_NODE (person));

  purple_prpl_got_user_status (fake_account (), CAROL, "available", NULL);
  purple_contact_invalidate_priority_buddy (person);
  ck_assert_ptr_eq (purple_contact_get_priority_buddy (person), carol);
  choose (menu, "Never", PURPLE_BLIST_NODE (person));
  ck_assert_int_eq (policy_of (BOB), ES_POLICY_NEVER);
  ck_assert_int_eq (policy_of (CAROL), -1);
  choose (menu, "usual", PURPLE_BLIST_NODE (person));
  ck_assert_int_eq (policy_of (BOB), -1);
  choose (menu, "Always", PURPLE_BLIST_NODE (person));
  ck_assert_int_eq (policy_of (BOB), ES_POLICY_ALWAYS);
  free_menu (menu);
}
END_TEST

START_TEST (menu__choice__is_nobodys_when_the_contact_is_gone)
{
  PurpleBuddy *bob = NULL, *carol = NULL;
  PurpleContact *person = merge (&bob, &carol);
  GList *menu = purple_blist_node_get_extended_menu (PURPLE_BLIST_NODE (person));

  purple_blist_remove_buddy (bob);
  choose (menu, "Never", PURPLE_BLIST_NODE (person));
  choose (menu, "Start", PURPLE_BLIST_NODE (person));
  ck_assert_int_eq (policy_of (BOB), -1);
  ck_assert_int_eq (policy_of (CAROL), -1);
  ck_assert_uint_eq (g_list_length (purple_get_ims ()), 0);
  free_menu (menu);
}
END_TEST

START_TEST (menu__choice__of_a_contact_by_itself__holds)
{
  PurpleBlistNode *bob = PURPLE_BLIST_NODE (purple_find_buddy (fake_account (), BOB));
  GList *menu = purple_blist_node_get_extended_menu (bob);

  choose (menu, "Never", bob);
  ck_assert_int_eq (policy_of (BOB), ES_POLICY_NEVER);
  free_menu (menu);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("menu");
  TCase *tcase = tcase_create ("menu");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, menu__choice__is_for_whom_the_menu_was_made);
  tcase_add_test (tcase, menu__choice__is_nobodys_when_the_contact_is_gone);
  tcase_add_test (tcase, menu__choice__of_a_contact_by_itself__holds);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
